"""What a colleague reads of a pathway: the content of the document and of the text to paste.

One dataclass feeds the PDF (``sesame_fhir.exports``) and the plain text, so that both say the same thing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mappings import french
from mappings.code_systems import DECISION_REASONS, REFERRAL_STATUS, SAFETY, SAFETY_ACTIONS
from mappings.record_targets import may_be_shared
from mappings.summary_sections import Section, sections_of
from sesame_fhir.domain import scoring
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.eligibility import age_on
from sesame_fhir.domain.events import PatientTraits
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument, Item
from sesame_fhir.domain.pathway import Pathway, Referral, Screening
from sesame_fhir.domain.policy import PathwayPolicy

TITLE = "SÉSAME – Dépistage et adressage"


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One question with the words that were chosen; ``weight`` is None for a question outside the total."""

    question: str
    answer: str
    weight: int | None


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One screening: ``band`` and ``safety`` are None when interpretation is off or does not apply."""

    title: str
    authored: datetime
    author: str
    total: int | None
    maximum: int
    band: str | None
    amended: bool
    safety: str | None
    answers: tuple[AnswerLine, ...]


@dataclass(frozen=True, slots=True)
class ReferralLine:
    """The latest referral, in French; ``overridden`` is empty when every criterion held."""

    referred_at: datetime
    referrer: str
    status: str
    overridden: str
    override_reason: str | None
    note: str | None
    end_note: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A dated summary. ``reference`` is the pathway's id: it makes the document's identifiers repeatable."""

    reference: str
    written_at: datetime
    author: str
    patient: PatientTraits
    screenings: tuple[ScoreLine, ...]
    referral: ReferralLine | None
    sections: tuple[Section, ...] = ()

    @property
    def patient_name(self) -> str:
        """FAMILY Given, as French records write it."""
        return " ".join(part for part in (self.patient.family.upper(), self.patient.given) if part)

    @property
    def patient_details(self) -> tuple[str, ...]:
        """Sex, birth date with age on the day of writing, and INS, each when known."""
        born, ins = self.patient.birth_date, self.patient.ins
        details = [french.SEXES[self.patient.sex]]
        if born is not None:
            age = age_on(born, self.written_at.astimezone(french.PARIS).date())
            details.append(f"naissance : {french.day(born)} ({age} ans)")
        if ins is not None:
            details.append(f"{ins.nature.value} : {ins.value}")
        return tuple(details)


def summary_of(pathway: Pathway, author: Actor, written_at: datetime, *, policy: PathwayPolicy) -> Summary:
    """Summarise a pathway, as far as the patient lets it be shared. Raises ValueError when it has no identity yet."""
    if pathway.traits is None:
        raise ValueError(f"pathway {pathway.pathway_id} has no identity")
    shared = may_be_shared(pathway)
    known = [screening for screening in pathway.screenings if shared(screening.taken_at, screening.author)]
    return Summary(
        reference=pathway.pathway_id,
        written_at=written_at,
        author=_signed(author),
        patient=pathway.traits,
        screenings=tuple(_score_line(screening, policy) for screening in known),
        referral=None if pathway.referral is None else _referral_line(pathway.referral),
        sections=sections_of(pathway, policy),
    )


def plain_text(summary: Summary) -> str:
    """Write the summary as text to paste into a record that takes neither resources nor documents."""
    lines = [
        TITLE,
        f"Patient : {summary.patient_name} ({', '.join(summary.patient_details)})",
        f"Établi le {french.moment(summary.written_at)} par {summary.author}",
    ]
    for line in summary.screenings:
        lines += ["", *_screening_text(line)]
    if summary.referral is not None:
        lines += ["", *_referral_text(summary.referral)]
    for section in summary.sections:
        lines += ["", section.title, *(f"- {line.removeprefix('- ')}" for line in section.lines)]
    return "\n".join(lines) + "\n"


def _headline(line: ScoreLine) -> str:
    """Score out of its maximum, with the band when there is one: ``4/6 – Dépistage positif``."""
    score = "incomplet" if line.total is None else f"{line.total}/{line.maximum}"
    return score if line.band is None else f"{score} – {line.band}"


def _signed(actor: Actor) -> str:
    return f"{actor.name} ({french.ROLES[actor.role]})"


def _score_line(screening: Screening, policy: PathwayPolicy) -> ScoreLine:
    instrument = INSTRUMENTS[screening.instrument]
    band = scoring.published_band(instrument, screening.total, policy)
    return ScoreLine(
        title=instrument.title,
        authored=screening.authored,
        author=_signed(screening.author),
        total=screening.total,
        maximum=instrument.maximum,
        band=band.label if band else None,
        amended=screening.amended,
        safety=_safety(screening) if policy.interpretation and screening.safety_flag else None,
        answers=tuple(_answer_lines(instrument, screening.answers)),
    )


def _answer_lines(instrument: Instrument, answers: scoring.Answers) -> Sequence[AnswerLine]:
    return [_answer_line(item, answers[item.link_id]) for item in instrument.items if item.link_id in answers]


def _answer_line(item: Item, code: str) -> AnswerLine:
    chosen = next((answer for answer in item.answers if answer.code == code), None)
    if chosen is None:
        return AnswerLine(item.text, code, None)
    return AnswerLine(item.text, chosen.text, chosen.weight if item.scored else None)


def _safety(screening: Screening) -> str:
    flag = SAFETY.concepts["suicide-risk"]
    by, at, action = screening.acknowledged_by, screening.acknowledged_at, screening.acknowledged_action
    if by is None or at is None or action is None:
        return f"{flag} : en attente de prise en compte par un clinicien"
    return f"{flag} : {SAFETY_ACTIONS.concepts[action.value]}, par {_signed(by)}, le {french.moment(at)}"


def _referral_line(referral: Referral) -> ReferralLine:
    status = REFERRAL_STATUS.concepts[referral.status]
    if referral.end_reason is not None:
        status = f"{status} ({DECISION_REASONS.concepts[referral.end_reason]})"
    return ReferralLine(
        referred_at=referral.referred_at,
        referrer=_signed(referral.referrer),
        status=status,
        overridden=french.criteria(referral.overridden),
        override_reason=referral.override_reason,
        note=referral.note,
        end_note=referral.end_note,
    )


def _screening_text(line: ScoreLine) -> list[str]:
    corrected = " (corrigé)" if line.amended else ""
    lines = [f"{line.title} du {french.moment(line.authored)}{corrected}, {line.author} : {_headline(line)}"]
    if line.safety is not None:
        lines.append(f"ALERTE – {line.safety}")
    for answer in line.answers:
        weight = "" if answer.weight is None else f" ({answer.weight})"
        lines.append(f"- {answer.question} : {answer.answer}{weight}")
    return lines


def _referral_text(line: ReferralLine) -> list[str]:
    lines = [f"Adressage SÉSAME du {french.moment(line.referred_at)}, {line.referrer} : {line.status}"]
    if line.overridden:
        lines.append(f"- Critères levés : {line.overridden}")
    if line.override_reason:
        lines.append(f"- Motif : {line.override_reason}")
    if line.note:
        lines.append(f"- Note : {line.note}")
    if line.end_note:
        lines.append(f"- Suite : {line.end_note}")
    return lines
