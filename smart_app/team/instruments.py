"""Instruments answered inside another form: the assessment's and the contact's. Fields as in ``pages.answers``."""

from collections.abc import Iterable, Mapping

from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument, InstrumentId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.screening import RecordScreening
from smart_app.pages.answers import FIELD_PREFIX, FormView, known_answers, missing_items, read_answers, valid_answers
from smart_app.pages.earlier import PreviousScore
from smart_app.team.context import TeamContext

OFFERED = (InstrumentId.PHQ_9, InstrumentId.GAD_7, InstrumentId.AUDIT_C)
"""Their questions are all different, so that one form can hold them all."""


def inline_forms(page: TeamContext, values: Mapping[str, str], *, show_missing: bool) -> tuple[FormView, ...]:
    """The offered instruments with what was answered so far."""
    return tuple(_form(page, INSTRUMENTS[name], values, show_missing=show_missing) for name in OFFERED)


def answered_in(page: TeamContext, values: Mapping[str, str]) -> tuple[RecordScreening, ...]:
    """The instruments that were answered; one left alone altogether is not there.

    Raises:
        Refused: one begun and not finished (each missing question), a question or an answer that is not ours.
    """
    found, missing = [], []
    for instrument in (INSTRUMENTS[name] for name in OFFERED):
        answers = valid_answers(instrument, _own(instrument, values))
        if answers:
            missing += [Reason(ReasonCode.INCOMPLETE_ANSWERS, item) for item in missing_items(instrument, answers)]
            found.append(RecordScreening(ScreeningId(page.deps.ids.new()), instrument.id, answers))
    unknown = [Reason(ReasonCode.UNKNOWN_ITEM, link_id) for link_id in _foreign(values)]
    if missing or unknown:
        raise Refused(*unknown, *missing)
    return tuple(found)


def _form(page: TeamContext, instrument: Instrument, values: Mapping[str, str], *, show_missing: bool) -> FormView:
    answers = known_answers(instrument, read_answers(instrument, _own(instrument, values)))
    last = page.patient_pathway.last_screening(instrument.id)
    previous = None if last is None or last.total is None else PreviousScore(last.total, last.authored)
    missing = missing_items(instrument, answers) if show_missing and answers else ()
    return FormView(instrument, answers, missing, restored=bool(answers), carried_from=None, previous=previous)


def _own(instrument: Instrument, values: Mapping[str, str]) -> dict[str, str]:
    names = {FIELD_PREFIX + item.link_id for item in instrument.items}
    return {name: value for name, value in values.items() if name in names}


def _foreign(values: Mapping[str, str]) -> Iterable[str]:
    ours = {FIELD_PREFIX + item.link_id for name in OFFERED for item in INSTRUMENTS[name].items}
    return (n.removeprefix(FIELD_PREFIX) for n in values if n.startswith(FIELD_PREFIX) and n not in ours)
