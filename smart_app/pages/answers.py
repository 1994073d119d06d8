"""An instrument's form: fields to answers, and what its template shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from sesame_fhir.domain import scoring
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument, InstrumentId
from sesame_fhir.domain.reasons import Refused
from sesame_fhir.domain.scoring import Answers
from sesame_fhir.services.errors import NotFound
from smart_app.pages.context import PageContext
from smart_app.pages.earlier import PreviousScore, previous_score

FIELD_PREFIX = "q-"


@dataclass(frozen=True, slots=True)
class FormView:
    """What the form's template shows. ``missing`` are the linkIds to mark after a partial submit."""

    instrument: Instrument
    answers: Answers
    missing: tuple[str, ...]
    restored: bool
    carried_from: InstrumentId | None
    previous: PreviousScore | None
    correcting: bool = False

    @property
    def answered(self) -> int:
        """How many scored questions have an answer."""
        return sum(item.link_id in self.answers for item in self.instrument.scored_items)

    @property
    def partial_sum(self) -> int:
        """Sum of the answers given so far; the total only once all are given."""
        items = self.instrument.scored_items
        return sum(scoring.weight(self.instrument, i.link_id, self.answers.get(i.link_id, "")) or 0 for i in items)

    @property
    def complete(self) -> bool:
        """True when every scored question has an answer."""
        return self.answered == len(self.instrument.scored_items)

    @property
    def risk(self) -> bool:
        """True when an answer to the suicide question is other than « jamais »."""
        return scoring.raises_safety_flag(self.instrument, self.answers)


def instrument_named(name: str) -> Instrument:
    """The instrument of an address. Raises NotFound for a name that is none."""
    try:
        return INSTRUMENTS[InstrumentId(name)]
    except ValueError:
        raise NotFound(name) from None


def read_answers(instrument: Instrument, values: Mapping[str, str]) -> dict[str, str]:
    """Answers among a form's fields, by linkId; unknown ones are kept, so that the domain can name them.

    An answer to a question that the others do not open (PHQ-9 item 10 when all is « jamais ») is left out.
    """
    answers = {n.removeprefix(FIELD_PREFIX): v for n, v in values.items() if n.startswith(FIELD_PREFIX) and v}
    scored = (scoring.weight(instrument, i.link_id, answers.get(i.link_id, "")) for i in instrument.scored_items)
    if not any(scored):
        for item in instrument.items:
            if item.depends_on_any:
                answers.pop(item.link_id, None)
    return answers


def valid_answers(instrument: Instrument, values: Mapping[str, str]) -> dict[str, str]:
    """Answers of a posted form, complete or not.

    Raises:
        Refused: an item or an answer that is not the instrument's (a forged or outdated form): nothing to complete.
    """
    answers = read_answers(instrument, values)
    if reasons := scoring.check_answers(instrument, answers):
        raise Refused(*reasons)
    return answers


def known_answers(instrument: Instrument, answers: Answers) -> dict[str, str]:
    """Only the answers that belong to the instrument: what a form may be filled with again."""
    wrong = {reason.detail for reason in scoring.check_answers(instrument, answers)}
    return {link_id: code for link_id, code in answers.items() if link_id not in wrong}


def missing_items(instrument: Instrument, answers: Answers) -> tuple[str, ...]:
    """LinkIds of the scored questions without an answer, in order."""
    return scoring.score(instrument, known_answers(instrument, answers)).missing


def carried_answers(page: PageContext, instrument: Instrument) -> tuple[dict[str, str], InstrumentId | None]:
    """Answers that the patient gave today to the same questions of a shorter instrument, and which one.

    PHQ-2 is the beginning of PHQ-9, and GAD-2 of GAD-7: nobody is asked twice in one consultation.
    """
    if page.pathway is None:
        return {}, None
    today = page.local(page.now).date()
    for screening in reversed(page.pathway.screenings):
        shared = {k: v for k, v in screening.answers.items() if instrument.item(k) is not None}
        if screening.instrument is not instrument.id and shared and page.local(screening.authored).date() == today:
            return known_answers(instrument, shared), screening.instrument
    return {}, None


def form_view(page: PageContext, instrument: Instrument, draft: Mapping[str, str], *, show_missing: bool) -> FormView:
    """Everything the form shows: the draft if there is one, else what was answered today elsewhere."""
    drafted = known_answers(instrument, read_answers(instrument, draft))
    carried, source = ({}, None) if drafted else carried_answers(page, instrument)
    return FormView(
        instrument=instrument,
        answers=drafted or carried,
        missing=missing_items(instrument, drafted) if show_missing else (),
        restored=bool(drafted) and not show_missing,
        carried_from=source,
        previous=previous_score(page, instrument.id),
    )
