"""From the record to a referral, and every way in which a referral does not happen."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.records import Delivery
from sesame_fhir.services.snapshot import Note, NoteCode
from smart_app.launch.opening import UNNAMED
from tests.support.app_pages import READ_ONLY_SCOPES, Pages, record_of
from tests.support.story import GP, TRAITS

PHQ_9 = InstrumentId.PHQ_9


def state(pages: Pages) -> State:
    pathway = pages.pathway
    return State.NEW if pathway is None else pathway.state


def test_a_positive_screen_becomes_a_referral_in_four_posts_and_gets_without_typing(pages: Pages) -> None:
    """Two taps, then Valider, Adresser, Confirmer, Envoyer: six clicks."""
    assert pages.follow(pages.get("/")) == "/form/phq-2"
    result = pages.get(pages.screen("21")).text
    assert "3 / 6" in result
    assert "Dépistage positif" in result
    assert result.index("Adresser à l'infirmière") < result.index("Compléter par un PHQ-9")
    criteria = pages.get("/eligibility").text
    assert criteria.count(" checked required>") == 3
    assert "41 ans" in criteria
    assert pages.follow(pages.confirm()) == "/referral"
    seen = pages.get("/referral").text
    for text in ("FICTIVE Jeanne", "0199001234", "3 / 6", "Dr Camille Fictif"):
        assert text in seen
    assert pages.follow(pages.post("/referral", {})) == "/done"
    assert state(pages) is State.REFERRED
    assert pages.pathway is not None
    assert pages.delivered[-1] == pages.pathway.pathway_id
    done = pages.get("/done").text
    assert "Adressé à l'infirmière SÉSAME." in done
    assert "2 mars 2026 à 10 h 00" in done


def test_done_names_each_resource_and_how_far_it_is(pages: Pages) -> None:
    pages.refer()
    waiting = pages.get("/done").text
    assert waiting.count("En attente d'envoi") == 4
    pages.report_all(Delivery.PENDING, "record-unreachable")
    assert pages.get("/done").text.count("le logiciel ne répond pas") == 4
    pages.report_all(Delivery.SENT)
    written = pages.get("/done").text
    assert written.count(">Écrit<") == 4
    for name in ("Réponses au questionnaire PHQ-2", "Score PHQ-2", "Adressage", "Demande à l'infirmière"):
        assert name in written
    assert "sera envoyé sans vous" not in written


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (Delivery.NEEDS_LAUNCH, "À la prochaine ouverture"),
        (Delivery.DOCUMENT, "Écrit (document)"),
        (Delivery.TEXT, "À coller"),
    ],
)
def test_done_says_what_became_of_the_write(pages: Pages, status: Delivery, text: str) -> None:
    pages.refer()
    pages.report_all(status)
    body = pages.get("/done").text
    assert text in body
    assert ("<textarea" in body) is (status is Delivery.TEXT)


def test_a_negative_screen_ends_and_may_be_referred_with_a_reason(pages: Pages) -> None:
    result = pages.get(pages.screen("11")).text
    assert "Dépistage négatif" in result
    assert "61 dépressions sur 100" in result
    assert 'class="btn primary" href="/app/s/launch-one/done"' in result
    assert "sur jugement clinique" in result
    assert "Score sous le seuil" in pages.get("/eligibility").text
    back = pages.follow(pages.confirm())
    assert back == "/eligibility?incomplete=1#missing"
    assert "(à écrire)" in pages.get(back).text
    assert pages.pathway is not None
    assert pages.pathway.eligibility is None
    reason = "Retrait social marqué depuis un mois"
    assert pages.follow(pages.confirm(override_reason=reason)) == "/referral"
    assert reason in pages.get("/referral").text
    assert pages.follow(pages.post("/referral", {"note": "Préfère le matin"})) == "/done"
    referral = pages.pathway.referral
    assert referral is not None
    assert (referral.override_reason, referral.note) == (reason, "Préfère le matin")


BORN = TRAITS.birth_date
NOT_POSSIBLE = [
    (date(2010, 5, 5), {}, "Patient mineur."),
    (None, {}, "Date de naissance inconnue"),
    (BORN, {"psychiatric_follow_up": "yes"}, "Suivi psychiatrique en cours."),
    (BORN, {"masters_french": "no"}, "Maîtrise du français insuffisante"),
]


@pytest.mark.parametrize(("born", "criteria", "text"), NOT_POSSIBLE)
def test_a_criterion_that_cannot_be_overridden_stops_the_referral_and_says_what_to_do(
    build: Callable[..., Pages], born: date | None, criteria: dict[str, str], text: str
) -> None:
    pages = build(record=record_of(replace(TRAITS, birth_date=born)))
    pages.screen()
    assert pages.follow(pages.confirm(**criteria)) == "/eligibility"
    body = pages.get("/eligibility").text
    assert text in body
    assert "ne peut pas être adressé" in body
    assert "Confirmer" not in body
    refused = pages.post("/referral", {}, pages.hidden("/eligibility"))
    assert refused.status_code == 422
    assert "Ce critère ne peut pas être levé." in refused.text
    assert state(pages) is State.SCREENED


def test_checking_again_judges_the_criteria_and_records_nothing(pages: Pages) -> None:
    pages.screen()
    pages.confirm(psychiatric_follow_up="yes")
    before = pages.pathway
    answers = {"psychiatric_follow_up": "no", "masters_french": "yes", "common_mental_disorder": "yes"}
    assert pages.follow(pages.post("/eligibility", answers)) == "/eligibility"
    assert "Confirmer" in pages.get("/eligibility").text
    assert pages.pathway == before
    assert pages.follow(pages.confirm()) == "/referral"


def test_a_criterion_that_may_be_overridden_asks_for_a_reason(pages: Pages) -> None:
    pages.screen()
    assert "incomplete" in pages.follow(pages.confirm(common_mental_disorder="no"))
    assert "Hors du champ" in pages.get("/eligibility").text
    assert pages.follow(pages.confirm(common_mental_disorder="no", override_reason="Épuisement sévère")) == "/referral"


def test_eligibility_says_where_each_fact_comes_from(build: Callable[..., Pages]) -> None:
    notes = (Note(NoteCode.NOT_ANSWERED, "Condition"), Note(NoteCode.NOT_ANSWERED, "Observation"))
    pages = build(record=record_of(psychiatric_follow_up=True, antidepressant=True, notes=notes))
    pages.screen()
    body = pages.get("/eligibility").text
    assert "mentionne un suivi psychiatrique actif" in body
    assert "mentionne un antidépresseur" in body
    assert body.count("n'a pas donné toutes les informations") == 1
    assert 'name="psychiatric_follow_up" value="yes" checked' in body


def test_the_patients_refusal_is_recorded_as_consent_and_as_decision(pages: Pages) -> None:
    pages.screen()
    assert pages.follow(pages.confirm(consent="refused")) == "/done"
    pathway = pages.pathway
    assert pathway is not None
    assert pathway.state is State.NOT_REFERRED
    assert pathway.consent(ev.ConsentPurpose.CARE_TEAM) is ev.ConsentStatus.REFUSED
    assert "Refaire un PHQ-2" in pages.get("/done").text


@pytest.mark.parametrize("reason", list(ev.DeclineReason))
def test_not_referring_takes_a_reason(pages: Pages, reason: ev.DeclineReason) -> None:
    result = pages.screen()
    assert f'value="{reason.value}"' in pages.get(result).text
    opened = pages.hidden(result)
    assert pages.post("/decline", {}, opened).status_code == 422
    assert pages.follow(pages.post("/decline", {"reason": reason.value}, opened)) == "/done"
    assert state(pages) is State.NOT_REFERRED


def test_a_referral_is_withdrawn_with_a_reason(pages: Pages) -> None:
    pages.refer()
    opened = pages.hidden("/done")
    assert pages.post("/withdraw", {"reason": "because"}, opened).status_code == 422
    assert pages.follow(pages.post("/withdraw", {"reason": "entered-in-error"}, opened)) == "/done"
    assert state(pages) is State.NOT_STARTED
    assert "Saisi par erreur" in pages.get("/done").text


def test_somebody_whom_the_ehr_does_not_name_acknowledges_with_their_name(build: Callable[..., Pages]) -> None:
    pages = build(record=record_of(author=replace(GP, name=UNNAMED)))
    path = pages.screen("331111112", PHQ_9)
    assert 'name="clinician"' in pages.get(path).text
    assert pages.post(path, {"action": "safety-plan"}).status_code == 422
    assert pages.post(path, {"action": "safety-plan", "clinician": "  "}).status_code == 422
    assert pages.follow(pages.post(path, {"action": "safety-plan", "clinician": "Dr Ève Fictive"})).startswith(
        "/result/"
    )
    assert pages.pathway is not None
    acknowledged = pages.pathway.screenings[-1].acknowledged_by
    assert acknowledged is not None
    assert acknowledged.name == "Dr Ève Fictive"


def test_item_9_comes_before_anything_else_and_blocks_the_referral(pages: Pages) -> None:
    pages.screen("33")
    pages.confirm()
    path = pages.screen("331111112", PHQ_9)
    assert path.startswith("/safety/")
    panel = pages.get(path).text
    for text in (">3114<", ">15<", "Dr Camille Fictif", *(a.value for a in ev.SafetyAction)):
        assert text in panel
    assert pages.follow(pages.get("/")) == path
    assert pages.follow(pages.get(path.replace("/safety/", "/result/"))) == path
    assert pages.follow(pages.get("/referral")) == path
    blocked = pages.post("/referral", {}, pages.hidden(path))
    assert blocked.status_code == 422
    assert "Dire ce qui a été fait pour la question 9" in blocked.text
    assert pages.post(path, {"action": "nothing"}).status_code == 422
    assert pages.follow(pages.post(path, {"action": "safety-plan"})).startswith("/result/")
    assert pages.follow(pages.post("/referral", {})) == "/done"
    assert pages.pathway is not None
    assert pages.pathway.screenings[-1].acknowledged_by is not None


def test_item_9_in_a_partial_form_opens_the_panel_at_once(pages: Pages) -> None:
    body = pages.get(pages.follow(pages.post("/form/phq-9", {"q-44260-8": "LA6569-3"}))).text
    assert "risk-now on" in body
    assert "3114" in body


@pytest.mark.parametrize(
    ("weights", "phq2", "primary"),
    [("220000000", 4, "eligibility"), ("000100000", 0, "done"), ("002222220", 0, None)],
    ids=["positive", "negative", "negative beside a moderate intensity: the GP chooses"],
)
def test_a_phq_9_alone_is_enough_to_refer(pages: Pages, weights: str, phq2: int, primary: str | None) -> None:
    body = pages.get(pages.screen(weights, PHQ_9)).text
    found = re.findall(r'class="btn primary" href="/app/s/launch-one/([^"]*)"', body)
    assert found == ([primary] if primary else [])
    assert "/eligibility" in body
    assert "/done" in body or primary == "eligibility"
    assert f"{phq2} / 6" in pages.get("/eligibility").text


def test_home_leads_to_the_next_step(pages: Pages) -> None:
    assert pages.follow(pages.get("/")) == "/form/phq-2"
    positive = pages.screen("33")
    assert pages.follow(pages.get("/")) == positive
    pages.come_back(days=3)
    assert pages.follow(pages.get("/")) == positive
    pages.confirm()
    pages.post("/referral", {})
    assert pages.follow(pages.get("/")) == "/done"


def test_home_asks_again_when_the_last_screen_was_negative_on_another_day(pages: Pages) -> None:
    negative = pages.screen("00")
    assert pages.follow(pages.get("/")) == negative
    pages.come_back(days=3)
    assert pages.follow(pages.get("/")) == "/form/phq-2"


def test_home_opens_the_form_that_the_ehr_asks_for_once(build: Callable[..., Pages]) -> None:
    pages = build(context={"form": "gad-7"})
    assert pages.follow(pages.get("/")) == "/form/gad-7"
    result = pages.screen("1111111", InstrumentId.GAD_7)
    assert pages.follow(pages.get("/")) == result
    assert "Compléter par un PHQ-2" in pages.get(result).text


def test_home_opens_eligibility_for_the_intent_of_referring(build: Callable[..., Pages]) -> None:
    pages = build(context={"intent": "referral"})
    assert pages.follow(pages.get("/")) == "/form/phq-2"
    pages.screen()
    assert pages.follow(pages.get("/")) == "/eligibility"


def test_read_only_says_so_and_offers_text_to_paste(build: Callable[..., Pages]) -> None:
    pages = build(granted_scopes=READ_ONLY_SCOPES)
    assert "Lecture seule." in pages.get("/form/phq-2").text
    pages.refer()
    body = pages.get("/done").text
    assert "Lecture seule." in body
    assert "PHQ-2 du 2 mars 2026" in body
    assert state(pages) is State.REFERRED


def test_without_interpretation_only_raw_values_and_the_safety_lines_remain(build: Callable[..., Pages]) -> None:
    pages = build(policy=PathwayPolicy(interpretation=False))
    result = pages.get(pages.screen("33")).text
    assert "6 / 6" in result
    for text in ("positif", "négatif", "dépression est", "Un score n"):
        assert text not in result
    assert "btn primary" not in result
    panel = pages.get(pages.screen("111111111", PHQ_9)).text
    assert "3114" in panel


@pytest.mark.parametrize("threshold", [2, 3, 4])
def test_the_label_follows_the_configured_threshold(build: Callable[..., Pages], threshold: int) -> None:
    pages = build(policy=PathwayPolicy(phq2_threshold=threshold))
    body = pages.get(pages.screen("21")).text
    assert ("Dépistage positif" in body) is (threshold <= 3)


def test_a_patient_without_ins_and_telephone_is_referred_with_a_warning(build: Callable[..., Pages]) -> None:
    pages = build(record=record_of(replace(TRAITS, ins=None, phone=None)))
    assert "sans INS qualifiée" in pages.get("/form/phq-2").text
    pages.screen()
    pages.confirm()
    assert "Sans téléphone" in pages.get("/referral").text
    assert pages.follow(pages.post("/referral", {})) == "/done"


@pytest.mark.parametrize("path", ["/eligibility", "/referral"])
def test_a_step_too_early_says_what_comes_first(pages: Pages, path: str) -> None:
    answer = pages.get(path)
    if path == "/referral":
        assert pages.follow(answer) == "/"
    else:
        assert answer.status_code == 422
        assert "Faire d'abord le PHQ-2." in answer.text
