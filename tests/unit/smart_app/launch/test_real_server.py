"""The same launch against the project's own authorization server and record, as ``sesame demo`` runs them."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest

from sesame_fhir.server.system import SystemClock, read_key
from sesame_fhir.storage import open_store
from smart_app.ehr.client import EhrError
from smart_app.launch.tokens import LaunchTokens, client_for, unseal_tokens
from smart_app.session.cookies import fingerprint
from tests.support.browser import Browser, form_of, tree
from tests.support.demo import Demo, running_demo
from tests.unit.smart_app.launch.stage import Stage

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(Path(tmp_path_factory.mktemp("demo"))) as running:
        yield running


@pytest.fixture
def doctor(demo: Demo) -> Browser:
    browser = Browser()
    assert browser.open("POST", f"{demo.ehr}/sign-in", {"staff": "gp-1"}).status_code == 200
    return browser


def patients(browser: Browser, demo: Demo) -> list[str]:
    page = browser.open("GET", f"{demo.ehr}/")
    return list(dict.fromkeys(re.findall(r'href="(/patients/[^"/]+)"', page.text)))


def launch(browser: Browser, demo: Demo, patient: str) -> str:
    """Press the record's button; returns the address that its frame opens."""
    page = browser.open("GET", demo.ehr + patient)
    opened = browser.submit(form_of(page, "/launch"))
    return str(tree(opened).xpath("string(//iframe/@src)"))


def test_a_launch_from_the_record_opens_the_patient(demo: Demo, doctor: Browser) -> None:
    patient = patients(doctor, demo)[0]
    page = doctor.open("GET", launch(doctor, demo, patient))
    assert page.status_code == 200, page.text
    assert re.fullmatch(rf"{demo.app}/s/[\w-]{{43}}/.*", page.url)
    assert f"frame-ancestors {demo.ehr}" in page.headers["Content-Security-Policy"]
    family = re.search(r"\b([A-ZÀ-Ý]{3,}(?:[- ][A-ZÀ-Ý]+)*)\b", doctor.open("GET", demo.ehr + patient).text)
    assert family is not None
    assert "Code :" not in page.text


def test_the_answer_is_good_once(demo: Demo, doctor: Browser) -> None:
    doctor.open("GET", launch(doctor, demo, patients(doctor, demo)[1]))
    callback = next(url for url in doctor.visited if "/app/callback" in url)
    again = doctor.open("GET", callback)
    assert (again.status_code, "state-unknown" in again.text) == (400, True)


def test_another_browser_cannot_take_the_answer(demo: Demo, doctor: Browser) -> None:
    response = doctor.send("GET", launch(doctor, demo, patients(doctor, demo)[2]))
    response = doctor.send("GET", response.headers["Location"])
    stolen = Browser().open("GET", response.headers["Location"])
    assert (stolen.status_code, "cookie-missing" in stolen.text) == (403, True)


def test_a_standalone_launch_lets_the_user_choose(demo: Demo, doctor: Browser) -> None:
    page = doctor.open("GET", f"{demo.app}/launch?iss={demo.ehr}/fhir")
    assert page.status_code == 200
    asked = parse_qs(urlsplit(next(url for url in doctor.visited if "/oauth/authorize" in url)).query)
    assert "launch/patient" in asked["scope"][0]
    assert asked["aud"] == [f"{demo.ehr}/fhir"]


def test_a_used_launch_is_refused_with_a_page(demo: Demo, doctor: Browser) -> None:
    page = doctor.open("GET", f"{demo.app}/launch?iss={demo.ehr}/fhir&launch=never-issued")
    assert page.status_code in (400, 403, 502)
    assert "Traceback" not in page.text


def test_two_patients_in_one_browser(demo: Demo, doctor: Browser) -> None:
    first, second = patients(doctor, demo)[3:5]
    one = doctor.open("GET", launch(doctor, demo, first))
    two = doctor.open("GET", launch(doctor, demo, second))
    assert one.url != two.url
    for page in (one, two):
        again = doctor.open("GET", page.url)
        assert again.status_code == 200
        strip = re.search(r"<(?:header|section|div)[^>]*strip.*?</", again.text, re.DOTALL)
        before = re.search(r"<(?:header|section|div)[^>]*strip.*?</", page.text, re.DOTALL)
        assert strip is not None
        assert before is not None
        assert strip[0] == before[0]


def test_the_log_holds_no_secret(demo: Demo, doctor: Browser) -> None:
    doctor.open("GET", launch(doctor, demo, patients(doctor, demo)[5]))
    callback = next(url for url in doctor.visited if "/app/callback" in url)
    query = parse_qs(urlsplit(callback).query)
    for secret in (query["code"][0], query["state"][0]):
        assert secret not in demo.log


def test_a_token_of_the_real_server_is_refreshed_once_and_rotated(demo: Demo, doctor: Browser, tmp_path: Path) -> None:
    page = doctor.open("GET", launch(doctor, demo, patients(doctor, demo)[6]))
    launch_hash = fingerprint(urlsplit(page.url).path.split("/")[3])
    stage, store = (
        Stage(tmp_path),
        open_store(f"sqlite:///{demo.folder}/sesame.db", read_key(demo.folder / "sesame.key")),
    )
    deps = replace(
        stage.deps, launches=store.launches, ehrs=store.ehrs, vault=store.vault, keys=store.keys, clock=SystemClock()
    )
    try:
        session = store.launches.get(launch_hash, deps.clock.now())
        assert session is not None
        before = unseal_tokens(deps.vault, session)
        gate = Barrier(4)

        def renew(_number: int) -> str:
            gate.wait()
            return LaunchTokens(deps, session).renewed(before.access_token)

        with ThreadPoolExecutor(4) as pool:
            renewed = set(pool.map(renew, range(4)))
        assert len(renewed) == 1
        after = store.launches.get(launch_hash, deps.clock.now())
        assert after is not None
        assert unseal_tokens(deps.vault, after).access_token in renewed
        assert unseal_tokens(deps.vault, after).refresh_token != before.refresh_token
        with client_for(deps, after) as client:
            assert client.get(after.patient).status == 200
            with pytest.raises(EhrError, match=r"forbidden|not-found"):
                client.get("Patient/somebody-else")
    finally:
        store.close()
        stage.close()
