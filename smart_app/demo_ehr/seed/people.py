"""The invented persons, read from people.json: who they are and why they consult.

Birth communes carry their real INSEE codes, because the INS key is computed with them; families are made-up words,
telephones come from the ranges that ARCEP keeps free for fiction.
"""

import json
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from sesame_fhir.domain.identifiers import Ins, InsNature, ins_key
from sesame_fhir.domain.instruments import InstrumentId

_FIRST_ORDER = 900
"""Birth order numbers of the NIR start after this, a range seldom given."""
_FIRST_PHONE = 1000


@dataclass(frozen=True, slots=True)
class PastScore:
    """A score already in the record, taken ``days_ago`` days before today."""

    instrument: InstrumentId
    total: int
    days_ago: int


@dataclass(frozen=True, slots=True)
class Person:
    """One row. ``given`` holds all given names; ``usual`` is the family name in use when it differs.

    ``conditions`` are (ICD-10 code, French text); ``medications`` are (ATC code, French text, French dosage).
    """

    number: int
    family: str
    given: tuple[str, ...]
    usual: str | None
    sex: str
    birth_date: date
    birth_commune: str
    birth_city: str
    reason: str
    conditions: tuple[tuple[str, str], ...]
    medications: tuple[tuple[str, str, str], ...]
    scores: tuple[PastScore, ...]
    psychiatric_follow_up: bool
    identified: bool

    @property
    def patient_id(self) -> str:
        """Logical id of the Patient."""
        return f"patient-{self.number:02d}"

    @property
    def gp_id(self) -> str:
        """Logical id of the Practitioner who sees the patient: one in two for each GP."""
        return "gp-1" if self.number % 2 else "gp-2"

    @property
    def ins(self) -> Ins | None:
        """The test INS, built from the traits as INSEE does; None for the patient whose identity is not checked."""
        if not self.identified:
            return None
        sex = "1" if self.sex == "male" else "2"
        nir = f"{sex}{self.birth_date:%y%m}{self.birth_commune}{_FIRST_ORDER + self.number}"
        return Ins.parse(nir + ins_key(nir), InsNature.TEST)

    @property
    def phones(self) -> tuple[str, str]:
        """Home and mobile, in the ranges reserved for fiction (ARCEP: 01 99 00 and 06 39 98)."""
        end = f"{_FIRST_PHONE + self.number:04d}"
        return f"+33 1 99 00 {end[:2]} {end[2:]}", f"+33 6 39 98 {end[:2]} {end[2:]}"


def _person(number: int, row: dict[str, Any]) -> Person:
    return Person(
        number=number,
        family=row["family"],
        given=tuple(row["given"].split()),
        usual=row.get("usual"),
        sex=row["sex"],
        birth_date=date.fromisoformat(row["birth_date"]),
        birth_commune=row["birth_commune"],
        birth_city=row["birth_city"],
        reason=row["reason"],
        conditions=tuple((code, text) for code, text in row.get("conditions", ())),
        medications=tuple((code, text, dosage) for code, text, dosage in row.get("medications", ())),
        scores=tuple(
            PastScore(InstrumentId(name), total, days_ago) for name, total, days_ago in row.get("observations", ())
        ),
        psychiatric_follow_up=row.get("psychiatric_follow_up", False),
        identified=not row.get("no_ins", False),
    )


def _load() -> tuple[Person, ...]:
    text = files(__package__).joinpath("people.json").read_text(encoding="utf-8")
    return tuple(_person(number, row) for number, row in enumerate(json.loads(text), start=1))


PEOPLE = _load()
"""All of them, in the order of the day's consultations."""
