"""Every code that a page can meet has its French text, and every French text its English one."""

import re
from enum import Enum

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from mappings import french
from mappings.code_systems import DECISION_REASONS, SAFETY_ACTIONS
from sesame_fhir.domain.events import PAYLOADS, DeclineReason, ReferralEnd, SafetyAction, Sex, WithdrawReason
from sesame_fhir.domain.identifiers import InsNature
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import State
from sesame_fhir.fhir.reason_texts import REASON_TEXTS
from sesame_fhir.services.delivery import SEND_ORDER, DeliveryError, Written
from sesame_fhir.services.snapshot import NoteCode
from smart_app.pages import texts
from smart_app.pages.languages import CATALOGUES
from tests.support.app_pages import Pages
from tests.support.translated import APP, IN_CODE, IN_TEMPLATES, variables_of_code, variables_of_templates

_FIELD = re.compile(r"\{\w+\}")
TABLES: list[tuple[dict[str, str], list[str]]] = [
    (texts.WHAT_TO_DO, list(ReasonCode)),  # type: ignore[list-item]  # a StrEnum key is a text
    (texts.STATES, list(State)),  # type: ignore[list-item]  # same
    (texts.EVENTS, list(PAYLOADS)),
    (texts.INS_MARKS, list(InsNature)),  # type: ignore[list-item]  # same
    (texts.WRITTEN, list(Written)),  # type: ignore[list-item]  # same
    (texts.DELIVERY_ERRORS, list(DeliveryError)),  # type: ignore[list-item]  # same
    (texts.NOTES, list(NoteCode)),  # type: ignore[list-item]  # same
    (french.SEXES, list(Sex)),  # type: ignore[list-item]  # same
    (REASON_TEXTS, list(ReasonCode)),  # type: ignore[list-item]  # same
]


def codes(*enumerations: type[Enum]) -> set[str]:
    return {str(member.value) for enumeration in enumerations for member in enumeration}


@pytest.mark.parametrize(("table", "wanted"), TABLES)
def test_every_code_has_its_text_and_no_text_is_left_over(table: dict[str, str], wanted: list[str]) -> None:
    assert set(table) == set(wanted)
    assert all(text.strip() for text in table.values())


def test_every_choice_offered_has_a_text() -> None:
    assert codes(SafetyAction) <= set(SAFETY_ACTIONS.concepts)
    assert codes(DeclineReason, WithdrawReason, ReferralEnd) <= set(DECISION_REASONS.concepts)
    assert set(SEND_ORDER) <= set(texts.RESOURCES)


def test_every_variable_that_is_translated_has_a_table_and_no_table_is_left_over() -> None:
    """Whoever adds one says what it can hold: data translated is HTML trusted."""
    assert set(variables_of_templates()) == set(IN_TEMPLATES)
    assert set(variables_of_code()) == set(IN_CODE)


def test_a_text_translated_through_a_variable_is_plain() -> None:
    """An empty msgid is the catalogue's header; in a template, a percent sign is taken for a format, and fails."""
    assert all(text.strip() for read in (*IN_TEMPLATES.values(), *IN_CODE.values()) for text in read)
    for variable, read in IN_TEMPLATES.items():
        assert not any("%" in text for text in read), variable


def test_the_english_catalogue_is_complete_and_compiled() -> None:
    folder = CATALOGUES / "en" / "LC_MESSAGES"
    with (folder / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="en")
    with (folder / "messages.mo").open("rb") as file:
        compiled = read_mo(file)
    wanted = {text for tables in (IN_TEMPLATES, IN_CODE) for read in tables.values() for text in read}
    for _, _, message, _, _ in extract_from_dir(APP, [("templates/**.html", "jinja2"), ("**.py", "python")]):
        wanted.add(message if isinstance(message, str) else message[0])
    known = {m.id if isinstance(m.id, str) else m.id[0]: m for m in catalogue if m.id}
    assert wanted - set(known) == set()
    assert set(known) - wanted == set()
    for entry in known.values():
        assert entry.string, entry.id
        assert all(entry.string), entry.id
        assert not entry.fuzzy
        assert not list(entry.check(catalogue)), entry.id
        assert set(_FIELD.findall(str(entry.string))) == set(_FIELD.findall(str(entry.id))), entry.id
        other = compiled.get(entry.id)
        assert other is not None, entry.id
        assert list(other.string or ()) == list(entry.string)


def test_english_only_when_asked_for(pages: Pages) -> None:
    embedded = {"Accept-Language": "en-US,en;q=0.9"}
    assert 'lang="fr"' in pages.get("/form/phq-2", headers=embedded).text
    english = pages.get("/form/phq-2?lang=en").text
    assert '<html lang="en">' in english
    assert "Little interest or pleasure" in english
    assert "Submit" in english
    assert '<html lang="en">' in pages.get("/form/gad-7").text, "the choice lasts for the launch"
    assert '<html lang="fr">' in pages.get("/form/gad-7?lang=fr").text
    assert '<html lang="fr">' in pages.get("/form/gad-7?lang=xx").text


def test_an_instrument_without_published_english_stays_french(pages: Pages) -> None:
    body = pages.get("/form/audit-c?lang=en").text
    assert "Combien de fois vous arrive-t-il" in body
