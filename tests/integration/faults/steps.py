"""What goes wrong on the GP's side or on the way: each function plays one case to its page."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import requests

from smart_app.session.cookies import SESSION_COOKIE, fingerprint
from tests.integration.faults.gp import HALF, POSITIVE, Gp, launch_id, launch_url
from tests.integration.faults.injector import Fault
from tests.support.browser import Browser, form_of

Step = Callable[[Gp], requests.Response]

_TOKEN_LIFE = timedelta(minutes=11)
_LAUNCH_LIFE = timedelta(minutes=61)
_GRANT_OVER = Fault(400, (("Content-Type", "application/json"),), '{"error": "invalid_grant"}')


def opens(*issuers: str, launch: str = "x") -> Step:
    """The launch address with these ``iss`` (already encoded; ``{iss}`` is the registered one)."""

    def step(gp: Gp) -> requests.Response:
        query = "&".join(f"iss={issuer.replace('{iss}', quote(gp.world.issuer, safe=''))}" for issuer in issuers)
        return gp.browser.open("GET", f"{gp.world.app_url}/launch?{query}&launch={launch}")

    return step


def comes_back(query: str) -> Step:
    """The callback address, opened without having left."""
    return lambda gp: gp.browser.open("GET", f"{gp.world.app_url}/callback?{query}")


def _callback(gp: Gp) -> str:
    """Launch up to the EHR's answer, which is not followed."""
    leaving = gp.browser.send("GET", gp.button())
    return gp.browser.send("GET", leaving.headers["Location"]).headers["Location"]


def replays_the_answer(gp: Gp) -> requests.Response:
    gp.launch()
    return gp.browser.open("GET", next(url for url in gp.browser.visited if "/app/callback" in url))


def answers_in_another_browser(gp: Gp) -> requests.Response:
    return Browser(visited=gp.browser.visited).open("GET", _callback(gp))


def answers_with_the_cookie_of_another_launch(gp: Gp) -> requests.Response:
    first, second = _callback(gp), _callback(gp)
    names = [f"sesame_bind_{fingerprint(parse_qs(urlsplit(url).query)['state'][0])[:16]}" for url in (first, second)]
    mine, others = (("localhost", "/app/callback", name) for name in names)
    gp.browser.cookies[mine] = gp.browser.cookies[others]
    return gp.browser.open("GET", first)


def is_refused_by_the_ehr(error: str) -> Step:
    """The EHR answers with an error in place of a code."""

    def step(gp: Gp) -> requests.Response:
        query = parse_qs(urlsplit(_callback(gp)).query)
        return comes_back(f"error={error}&error_description=Zorglub-7731&state={query['state'][0]}")(gp)

    return step


def loses_the_session_cookie(gp: Gp) -> requests.Response:
    page = gp.launch()
    del gp.browser.cookies["localhost", f"/app/s/{launch_id(page.url)}", SESSION_COOKIE]
    return gp.browser.open("GET", page.url)


def uses_the_session_cookie_of_another_launch(gp: Gp) -> requests.Response:
    pages = [gp.launch(), gp.launch()]
    mine, others = (("localhost", f"/app/s/{launch_id(page.url)}", SESSION_COOKIE) for page in pages)
    gp.browser.cookies[mine] = gp.browser.cookies[others]
    return gp.browser.open("GET", pages[0].url)


def opens_an_unknown_launch(gp: Gp) -> requests.Response:
    return gp.browser.open("GET", f"{gp.world.app_url}/s/{'x' * 43}/form/phq-2")


def answers_after_the_launch_expired(gp: Gp) -> requests.Response:
    form = gp.form()
    gp.world.later += _LAUNCH_LIFE
    return gp.browser.submit(form, **POSITIVE)


def comes_back_after_the_launch_expired(gp: Gp) -> requests.Response:
    form = gp.form()
    assert gp.keep_draft(form, **HALF).status_code == 204
    gp.world.later += _LAUNCH_LIFE
    return gp.browser.open("GET", form.url)


def answers_after_the_launch_was_closed(gp: Gp) -> requests.Response:
    form = gp.form()
    gp.world.sesame.store.launches.close(fingerprint(launch_id(form.url)), gp.world.now())
    return gp.browser.submit(form, **POSITIVE)


def answers_after_the_token_expired(gp: Gp) -> requests.Response:
    form = gp.form()
    gp.world.later += _TOKEN_LIFE
    return gp.go(gp.browser.submit(form, **POSITIVE), "/done")


def answers_when_the_refresh_is_refused(gp: Gp) -> requests.Response:
    form = gp.form()
    gp.world.later += _TOKEN_LIFE
    with gp.world.broken("POST", "/oauth/token", _GRANT_OVER) as refused:
        page = gp.go(gp.browser.submit(form, **POSITIVE), "/done")
    assert refused.hits == 1
    return page


def half_answers_when_the_refresh_is_refused(gp: Gp) -> requests.Response:
    form = gp.form()
    gp.world.later += _TOKEN_LIFE
    with gp.world.broken("POST", "/oauth/token", _GRANT_OVER):
        assert gp.keep_draft(form, **HALF).status_code == 204
        return gp.browser.open("GET", form.url)


def posts_the_form_of_another_patient(gp: Gp) -> requests.Response:
    other = Gp(gp.world, "patient-02", browser=gp.browser).form()
    return gp.browser.open("POST", gp.form().url, {**other.fields, **POSITIVE})


def sends(answers: Mapping[str, str], **changed: str) -> Step:
    """The PHQ-2 with these answers; ``changed`` replaces hidden fields."""
    return lambda gp: gp.browser.submit(gp.form(), **{**answers, **changed})


def sends_twice(gp: Gp) -> requests.Response:
    form = gp.form()
    first, second = (gp.browser.submit(form, **POSITIVE) for _ in range(2))
    assert first.url == second.url
    return second


def sends_after_a_colleague(gp: Gp) -> requests.Response:
    gp.screen()
    form = gp.form()
    assert gp.another("gp-2").screen().status_code == 200
    page = gp.browser.submit(form, **POSITIVE)
    assert "Vos réponses en cours ont été reprises." in gp.go(page, "/form/phq-2").text
    return page


def sends_the_first_screening_after_a_colleague(gp: Gp) -> requests.Response:
    form = gp.form()
    assert gp.another("gp-2").screen().status_code == 200
    return gp.browser.submit(form, **POSITIVE)


def gets_an_address_of_a_post(gp: Gp) -> requests.Response:
    return gp.go(gp.launch(), "/decline")


def opens_a_wrong_page(gp: Gp) -> requests.Response:
    return gp.go(gp.launch(), "/form/phq-99")


def refers(gp: Gp) -> requests.Response:
    return gp.refer()


def refers_a_minor_all_the_same(gp: Gp) -> requests.Response:
    """With a hand-made form: the page says no and offers no button for it."""
    screened = gp.screen()
    page = gp.go(screened, "/eligibility")
    assert "SÉSAME s'adresse aux adultes" in page.text
    assert "ne peut pas être adressé" in page.text
    hidden = form_of(page, "/eligibility").fields
    gp.browser.open("POST", f"{launch_url(screened.url)}/eligibility", {**hidden, "consent": "given"})
    hidden = form_of(gp.go(screened, "/eligibility"), "/eligibility").fields
    return gp.browser.open("POST", f"{launch_url(screened.url)}/referral", hidden)
