"""What the EHR's record said when the launch opened: identity, author, and facts that pre-fill eligibility.

Kept as JSON in the launch's context, so that pages do not ask the EHR again. None means that the record cannot say;
the GP confirms every pre-filled fact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.events import PatientTraits, Sex
from sesame_fhir.domain.identifiers import Ins, InsNature, Rpps
from sesame_fhir.domain.instruments import InstrumentId


class NoteCode(StrEnum):
    """Why something is missing from a snapshot."""

    INS_INVALID = "ins-invalid"
    INS_NOT_QUALIFIED = "ins-not-qualified"
    INS_AMBIGUOUS = "ins-ambiguous"
    NOT_ANSWERED = "not-answered"
    PRACTITIONER_UNREADABLE = "practitioner-unreadable"
    RPPS_INVALID = "rpps-invalid"


@dataclass(frozen=True, slots=True)
class Note:
    """``detail`` is a resource type or an error code, never the record's content."""

    code: NoteCode
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class EarlierScore:
    """A total already in the record. ``at`` is the observation's own time (midnight UTC when it gives only a day)."""

    instrument: InstrumentId
    total: int
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordSnapshot:
    """The record at launch. ``earlier`` is newest first; references are relative (``Encounter/9``).

    ``medications`` are the active ones, in the record's words. ``profession_known``: the record says what the author's
    profession is; else the role is only the launch's default, which is not enough to decide as the GP.
    """

    traits: PatientTraits
    author: Actor
    practitioner: str | None = None
    encounter: str | None = None
    earlier: tuple[EarlierScore, ...] = ()
    psychiatric_follow_up: bool | None = None
    antidepressant: bool | None = None
    medications: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    profession_known: bool = True

    def latest(self, instrument: InstrumentId) -> EarlierScore | None:
        """The newest earlier total of one instrument."""
        return next((score for score in self.earlier if score.instrument is instrument), None)


def snapshot_to_json(snapshot: RecordSnapshot) -> dict[str, Any]:
    """Write a snapshot as JSON values only (str, int, bool, None, list, dict)."""
    traits, author = snapshot.traits, snapshot.author
    return {
        "traits": {
            "family": traits.family,
            "given": traits.given,
            "birth_date": traits.birth_date.isoformat() if traits.birth_date else None,
            "sex": traits.sex.value,
            "ins": [traits.ins.value, traits.ins.nature.value] if traits.ins else None,
            "phone": traits.phone,
        },
        "author": {
            "actor_id": author.actor_id,
            "role": author.role.value,
            "name": author.name,
            "rpps": author.rpps.value if author.rpps else None,
        },
        "practitioner": snapshot.practitioner,
        "encounter": snapshot.encounter,
        "earlier": [[s.instrument.value, s.total, s.at.isoformat()] for s in snapshot.earlier],
        "psychiatric_follow_up": snapshot.psychiatric_follow_up,
        "antidepressant": snapshot.antidepressant,
        "medications": list(snapshot.medications),
        "notes": [[n.code.value, n.detail] for n in snapshot.notes],
        "profession_known": snapshot.profession_known,
    }


def snapshot_from_json(data: Mapping[str, Any]) -> RecordSnapshot:
    """Read back what ``snapshot_to_json`` wrote. Raises KeyError or ValueError for anything else."""
    return RecordSnapshot(
        traits=_traits(data["traits"]),
        author=_actor(data["author"]),
        practitioner=data["practitioner"],
        encounter=data["encounter"],
        earlier=tuple(EarlierScore(InstrumentId(i), t, datetime.fromisoformat(at)) for i, t, at in data["earlier"]),
        psychiatric_follow_up=data["psychiatric_follow_up"],
        antidepressant=data["antidepressant"],
        medications=tuple(data.get("medications", ())),
        notes=tuple(Note(NoteCode(code), detail) for code, detail in data["notes"]),
        profession_known=data.get("profession_known", True),
    )


def _traits(data: Mapping[str, Any]) -> PatientTraits:
    ins = data["ins"]
    return PatientTraits(
        family=data["family"],
        given=data["given"],
        birth_date=date.fromisoformat(data["birth_date"]) if data["birth_date"] else None,
        sex=Sex(data["sex"]),
        ins=Ins.parse(ins[0], InsNature(ins[1])) if ins else None,
        phone=data["phone"],
    )


def _actor(data: Mapping[str, Any]) -> Actor:
    rpps = Rpps.parse(data["rpps"]) if data["rpps"] else None
    return Actor(data["actor_id"], Role(data["role"]), data["name"], rpps)
