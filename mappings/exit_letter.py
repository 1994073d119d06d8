"""What the GP reads when a patient leaves SÉSAME: the content of the exit letter, as a document and as text.

One dataclass feeds the PDF (``sesame_fhir.exports``) and the plain text, so that both say the same thing. Shared notes
only: what a nurse wrote for herself is in no letter.
"""

from dataclasses import dataclass
from datetime import date

from mappings import french
from mappings.displays import display
from sesame_fhir.domain import scoring
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events import Orientation, PatientTraits
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reviews import Advice
from sesame_fhir.domain.transitions import State

TITLE = "SÉSAME – Lettre de sortie"


@dataclass(frozen=True, slots=True)
class ScoreCourse:
    """First and last total of one instrument; ``band`` of the last one, None when interpretation is off.

    ``once``: there was one measure only, which is both.
    """

    title: str
    maximum: int
    first: int
    first_on: date
    last: int
    last_on: date
    band: str | None
    once: bool = False


@dataclass(frozen=True, slots=True)
class ExitLetter:
    """The letter's content, in French."""

    patient: PatientTraits
    addressee: str
    author: str
    left_on: date
    begun_on: date | None
    reason: str
    orientation: str | None
    note: str | None
    contacts: int
    sequences: int
    reviews: int
    scores: tuple[ScoreCourse, ...]
    advice: tuple[str, ...]
    helps: tuple[str, ...]
    warning_signs: tuple[str, ...]

    @property
    def patient_name(self) -> str:
        """FAMILY Given, as French records write it."""
        return " ".join(part for part in (self.patient.family.upper(), self.patient.given) if part)

    @property
    def followed(self) -> str:
        """What was done, in numbers."""
        parts = (
            (self.contacts, "contact", "contacts"),
            (self.sequences, "séquence de trois mois", "séquences de trois mois"),
            (self.reviews, "revue de cas avec le psychiatre", "revues de cas avec le psychiatre"),
        )
        return ", ".join(f"{count} {many if count > 1 else one}" for count, one, many in parts)


def exit_letter(pathway: Pathway, *, policy: PathwayPolicy) -> ExitLetter:
    """Write the letter of a pathway that has ended.

    Raises:
        ValueError: the patient has not left.
    """
    left, traits = pathway.exit, pathway.traits
    if left is None or traits is None:
        raise ValueError(f"pathway {pathway.pathway_id} has not ended")
    begun = pathway.since(State.CARE)
    plan = pathway.relapse_plan.data if pathway.relapse_plan else None
    return ExitLetter(
        patient=traits,
        addressee=pathway.referral.referrer.name if pathway.referral else "Médecin traitant",
        author=f"{left.by.name} ({french.ROLES[left.by.role]})",
        left_on=local_day(left.at),
        begun_on=local_day(begun) if begun else None,
        reason=display(left.reason),
        orientation=None if left.orientation is Orientation.NONE else display(left.orientation),
        note=left.note,
        contacts=len(pathway.held_contacts),
        sequences=len(pathway.sequences),
        reviews=len(pathway.reviews),
        scores=tuple(_scores(pathway, policy)),
        advice=tuple(_advice(a) for review in pathway.reviews for a in review.advice if a.data.asks_the_gp),
        helps=plan.helps if plan else (),
        warning_signs=plan.warning_signs if plan else (),
    )


def letter_text(letter: ExitLetter) -> str:
    """Write the letter as text to paste into a record."""
    since = f" suivi depuis le {french.day(letter.begun_on)}" if letter.begun_on else ""
    lines = [
        TITLE,
        f"Patient : {letter.patient_name}",
        f"À : {letter.addressee}",
        f"Le {french.day(letter.left_on)}, {letter.author}",
        "",
        f"Sortie du parcours SÉSAME{since} : {letter.reason}.",
    ]
    if letter.orientation:
        lines.append(f"Orientation : {letter.orientation}.")
    lines.append(f"Suivi : {letter.followed}.")
    for score in letter.scores:
        band = f" ({score.band})" if score.band else ""
        first = "" if score.once else f"{score.first}/{score.maximum} le {french.day(score.first_on)}, "
        last = f"{score.last}/{score.maximum} le {french.day(score.last_on)}"
        lines.append(f"{score.title} : {first}{last}{band}")
    for title, items in _lists(letter):
        lines += ["", f"{title} :", *(f"- {item}" for item in items)]
    if letter.note:
        lines += ["", letter.note]
    return "\n".join(lines) + "\n"


def _lists(letter: ExitLetter) -> list[tuple[str, tuple[str, ...]]]:
    every = [
        ("Recommandations des revues de cas", letter.advice),
        ("Ce qui aide", letter.helps),
        ("Signes d'alerte", letter.warning_signs),
    ]
    return [(title, items) for title, items in every if items]


def _scores(pathway: Pathway, policy: PathwayPolicy) -> list[ScoreCourse]:
    found = []
    for instrument in INSTRUMENTS.values():
        measured = [(s.total, local_day(s.authored)) for s in pathway.screenings if s.instrument is instrument.id]
        totals = [(total, on) for total, on in measured if total is not None]
        if totals:
            found.append(_course(instrument, totals, policy))
    return found


def _course(instrument: Instrument, totals: list[tuple[int, date]], policy: PathwayPolicy) -> ScoreCourse:
    (first, first_on), (last, last_on) = totals[0], totals[-1]
    band = scoring.published_band(instrument, last, policy)
    return ScoreCourse(
        title=instrument.title,
        maximum=instrument.maximum,
        first=first,
        first_on=first_on,
        last=last,
        last_on=last_on,
        band=band.label if band else None,
        once=len(totals) == 1,
    )


def _advice(advice: Advice) -> str:
    data = advice.data
    what = " ".join(part for part in (data.drug, data.dose) if part)
    said = " : ".join(part for part in (display(data.kind), what, data.text) if part)
    if advice.decision is None:
        return f"{said} (en attente de votre avis)"
    reason = f" : {advice.decision.reason}" if advice.decision.reason else ""
    return f"{said} ({display(advice.decision.fate).lower()}{reason})"
