"""The examples of the rules (docs/rules), written through the facade: the same answers, with the same coded reasons."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.access import role_refusals
from sesame_fhir.storage import Store
from tests.contract.api.pathways import PathwayWorld, recorded_by
from tests.contract.api.spoken import SAID, TIMED, Act
from tests.specification.model import Chapter, Example
from tests.specification.pages import PAGES
from tests.specification.words import say
from tests.support.story import PATHWAY

NOT_THERE = "nothing is published under this id: there is nothing to change"
BLANK = "R4 has no blank text"
OTHERWISE: dict[str, tuple[list[str] | None, str]] = {
    "screening/Remplir et corriger un questionnaire/1": (["patient-unknown"], "no Patient has this id"),
    "screening/Remplir et corriger un questionnaire/4": ([], "who left comes back: a new pathway, as on the page"),
    "screening/Remplir et corriger un questionnaire/6": ([], "an id that is not known is a new response"),
    "screening/Remplir et corriger un questionnaire/7": (["required"] * 7, "the answers are those of a PHQ-9"),
    "screening/Prendre acte d'une réponse à l'item 9/5": (None, NOT_THERE),
    "screening/Prendre acte d'une réponse à l'item 9/6": ([], "the same answer again changes nothing"),
    "referral/Adresser/8": (["value"], BLANK),
    "referral/Adresser/14": (["patient-not-informed", "eligibility-not-checked"], "the latest screening is taken"),
    "referral/Ce que l'infirmière fait d'un adressage/11": (["value"], BLANK),
    "contacts/Planifier, déplacer, annuler/6": ([], "the same appointment again changes nothing"),
    "contacts/Planifier, déplacer, annuler/10": (None, NOT_THERE),
    "contacts/Noter un contact/7": ([], "the same contact again changes nothing"),
    "contacts/Noter un contact/10": ([], "an Encounter names no screening"),
    "contacts/Noter un contact/13": (None, NOT_THERE),
    "contacts/Noter un contact/18": (None, NOT_THERE),
    "contacts/Noter un contact/22": (None, NOT_THERE),
    "contacts/Corriger un contact/2": (None, NOT_THERE),
    "contacts/Corriger un contact/4": (None, NOT_THERE),
    "contacts/Un questionnaire reçu après le contact/2": ([], "the Encounter may come later, and is kept as named"),
    "contacts/Un questionnaire reçu après le contact/3": ([], "the Encounter may be the record's own"),
    "review/Répondre à une recommandation/5": (None, NOT_THERE),
    "review/Répondre à une recommandation/6": (None, NOT_THERE),
    "consents/Noter ce que dit le patient/6": (["patient-unknown"], "no Patient has this id"),
}
"""Examples that a resource cannot say in the same way: the reasons given instead (None: not asked), and why."""


def _examples() -> Iterator[Any]:
    for page in PAGES:
        for chapter in (part for part in page.parts if isinstance(part, Chapter)):
            for number, example in enumerate(chapter.examples, start=1):
                key = f"{page.name}/{chapter.title}/{number}"
                if type(example.asked) in SAID and _can_be_said(example) and OTHERWISE.get(key) != (None, NOT_THERE):
                    yield pytest.param(example, key, id=f"{key}-{say(example.asked)[:30]}")


def _can_be_said(example: Example) -> bool:
    """What happens at another time than it is written needs a resource that carries its time."""
    setting = example.setting
    same_time = abs(setting.recorded_at - setting.occurred_at) < timedelta(minutes=1)
    return example.by.rpps is not None and (same_time or isinstance(example.asked, TIMED))


EXAMPLES = list(_examples())
ACTION = {
    ev.ScreeningRecorded: "record-screening",
    ev.ScreeningCorrected: "correct-screening",
    ev.SafetyAcknowledged: "acknowledge-safety",
    ev.PatientReferred: "refer",
    ev.ReferralWithdrawn: "withdraw",
    ev.CallAttempted: "record-call",
    ev.ReferralAccepted: "accept-referral",
    ev.ReferralNotStarted: "end-referral",
    ev.ContactPlanned: "plan-contact",
    ev.ContactMoved: "move-contact",
    ev.ContactCancelled: "cancel-contact",
    ev.ContactMissed: "miss-contact",
    ev.ContactHeld: "hold-contact",
    ev.ContactCorrected: "correct-contact",
    ev.ConsentRecorded: "record-consent",
    ev.RecommendationDecided: "decide-recommendation",
}


def test_enough_of_the_rules_are_asked() -> None:
    asked = Counter(type(example.values[0].asked) for example in EXAMPLES)
    assert set(asked) == set(SAID)
    assert len(EXAMPLES) > 100


@pytest.mark.parametrize(("example", "key"), EXAMPLES)
def test_the_facade_answers_as_the_rules(example: Example, key: str, team_store: Store) -> None:
    setting, kind = example.setting, type(example.asked)
    world = PathwayWorld(team_store, setting.recorded_at, setting.policy)
    world.live((*example.given.steps, *example.given.more))
    before = example.given.pathway
    body = recorded_by(SAID[kind](Act(world, before, example.asked, setting.occurred_at)), example.by)
    answer = world.put(world.system(), body)
    rules = [r.code for r in role_refusals(ACTION[kind], example.by.role)] or example.refused
    otherwise = OTHERWISE.get(key)
    expected = [code.value for code in rules] if otherwise is None else otherwise[0]
    assert answer.reasons == expected, answer.body
    happened = world.store.pathways.history(PATHWAY)[before.version :]
    if otherwise is None:
        assert (kind in [type(event.data) for event in happened]) is not bool(expected)
    assert not (expected and happened)
