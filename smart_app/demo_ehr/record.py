"""What the pages show of the record: searches over the EHR's own store, and plain values for the templates."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sesame_fhir.fhir.canonical import EXTENSION_ROOT, INS_NIR_TEST
from sesame_fhir.fhir.dates import date_range
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.services.ports import ResourceStore
from sesame_fhir.services.search import (
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    IdClause,
    ReferenceClause,
    ReferenceValue,
    SearchQuery,
    Sort,
)
from smart_app.demo_ehr import french

_PATIENT = "Patient/"
_BIRTH_PLACE = f"{EXTENSION_ROOT}/patient-birthPlace"
_PAGE = 100
"""More than one day's consultations, or one patient's resources of a type, in the demo."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The patient as the identity strip shows it; texts are ready to display (not yet escaped)."""

    patient_id: str
    name: str
    birth_name: str | None
    sex: str
    birth_date: str
    age: str
    birth_place: str
    ins: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Consultation:
    """One Encounter: who is seen, when, by whom and why."""

    encounter_id: str
    patient_id: str
    begins: datetime
    professional: str
    reason: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One line of the day's list."""

    consultation: Consultation
    patient: Identity


@dataclass(frozen=True, slots=True)
class Chart:
    """The record view of one patient; ``scores`` are (title, value, day), newest first."""

    patient: Identity
    consultation: Consultation | None
    problems: tuple[str, ...]
    treatments: tuple[tuple[str, str], ...]
    scores: tuple[tuple[str, str, str], ...]
    follow_ups: tuple[str, ...]


class Record:
    """Reads the EHR's record for its pages."""

    def __init__(self, resources: ResourceStore, zone: ZoneInfo) -> None:
        self._resources = resources
        self._zone = zone

    def day_list(self, now: datetime) -> tuple[DayRow, ...]:
        """The consultations of the newest day that has some (today, once seeded), in order of time."""
        newest = self._newest_visit(now)
        if newest is None:
            return ()
        visits = self._visits_of(self._day(newest.begins))
        people = self._patients([visit.patient_id for visit in visits], now)
        rows = (DayRow(visit, people[visit.patient_id]) for visit in visits if visit.patient_id in people)
        return tuple(sorted(rows, key=lambda row: (row.consultation.begins, row.consultation.encounter_id)))

    def chart(self, patient_id: str, now: datetime) -> Chart | None:
        """Everything the record view shows; None for a patient who is not in the record."""
        identity = self.identity(patient_id, now)
        if identity is None:
            return None
        return Chart(
            patient=identity,
            consultation=self.consultation(patient_id, now),
            problems=tuple(concept_text(found.get("code", {})) for found in self._of("Condition", patient_id)),
            treatments=tuple(_treatment(found) for found in self._of("MedicationStatement", patient_id)),
            scores=self._scores(patient_id),
            follow_ups=tuple(
                _follow_up(found) for found in self._of("EpisodeOfCare", patient_id) if found["status"] == "active"
            ),
        )

    def identity(self, patient_id: str, now: datetime) -> Identity | None:
        """The identity strip; None for a patient who is not in the record."""
        return self._patients([patient_id], now).get(patient_id)

    def consultation(self, patient_id: str, now: datetime) -> Consultation | None:
        """The patient's newest consultation, today's or an earlier one: the one a launch is about."""
        return self._newest_visit(now, of_patient(patient_id))

    def _scores(self, patient_id: str) -> tuple[tuple[str, str, str], ...]:
        totals = (found for found in self._of("Observation", patient_id) if "valueQuantity" in found)
        newest_first = sorted(totals, key=lambda found: str(found.get("effectiveDateTime", "")), reverse=True)
        return tuple(
            (
                concept_text(found.get("code", {})),
                str(found["valueQuantity"].get("value", "")),
                french.fhir_day(found.get("effectiveDateTime", "")),
            )
            for found in newest_first
        )

    def _patients(self, ids: Sequence[str], now: datetime) -> dict[str, Identity]:
        today = now.astimezone(self._zone).date()
        query = SearchQuery("Patient", (IdClause(tuple(ids)),), count=_PAGE)
        return {
            found["id"]: _identity(found, french.age(found.get("birthDate", ""), today)) for found in self._all(query)
        }

    def _newest_visit(self, now: datetime, *clauses: Clause) -> Consultation | None:
        today = self._day(now)
        until_tonight = DateClause("date", (DateValue(DatePrefix.LE, *today),))
        query = SearchQuery("Encounter", (*clauses, until_tonight), (Sort("date", descending=True),), count=1)
        return next(_consultations(self._all(query)), None)

    def _visits_of(self, day: tuple[datetime, datetime]) -> list[Consultation]:
        within = DateClause("date", (DateValue(DatePrefix.EQ, *day),))
        return list(_consultations(self._all(SearchQuery("Encounter", (within,), count=_PAGE))))

    def _day(self, moment: datetime) -> tuple[datetime, datetime]:
        """The practice's day around a moment, in UTC, end excluded."""
        day = moment.astimezone(self._zone).date()
        low, high = (datetime.combine(d, time.min, tzinfo=self._zone) for d in (day, day + timedelta(days=1)))
        return low.astimezone(UTC), high.astimezone(UTC)

    def _of(self, resource_type: str, patient_id: str) -> Iterator[Json]:
        return self._all(SearchQuery(resource_type, (of_patient(patient_id),), count=_PAGE))

    def _all(self, query: SearchQuery) -> Iterator[Json]:
        found = self._resources.search(query).resources
        return (read_json(stored.body) for stored in found if stored.body is not None)


def of_patient(patient_id: str) -> ReferenceClause:
    """Resources about one patient."""
    return ReferenceClause("patient", (ReferenceValue("Patient", patient_id),))


def _identity(patient: Json, age: str) -> Identity:
    names = {name.get("use"): name for name in patient.get("name", ())}
    official: Json = names.get("official") or next(iter(names.values()), {})
    usual = names.get("usual", official)
    places = (part.get("valueAddress", {}) for part in patient.get("extension", ()) if part["url"] == _BIRTH_PLACE)
    born = "né" if patient.get("gender") == "male" else "née"
    return Identity(
        patient_id=patient["id"],
        name=" ".join((usual.get("family", ""), *usual.get("given", ()))).strip(),
        birth_name=f"{born} {official.get('family', '')}" if usual is not official else None,
        sex=french.SEXES.get(patient.get("gender", "unknown"), ""),
        birth_date=french.fhir_day(patient.get("birthDate", "")),
        age=age,
        birth_place=next((place.get("city", "") for place in places), ""),
        ins=next((_spaced(i["value"]) for i in patient.get("identifier", ()) if i.get("system") == INS_NIR_TEST), None),
        phone=next((point.get("value") for point in patient.get("telecom", ()) if point.get("use") == "mobile"), None),
    )


def _spaced(ins: str) -> str:
    """1 84 12 76 451 089 46: sex, year, month, department, commune, order, key."""
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return " ".join(ins[low:high] for low, high in pairwise(cuts))


def _consultations(encounters: Iterable[Json]) -> Iterator[Consultation]:
    """Those that say whom they are about and when; base R4 demands neither."""
    for encounter in encounters:
        period = date_range(encounter.get("period", {}).get("start", ""))
        subject = encounter.get("subject", {}).get("reference", "")
        if period is None or not subject.startswith(_PATIENT):
            continue
        professionals = (part.get("individual", {}) for part in encounter.get("participant", ()))
        yield Consultation(
            encounter_id=encounter["id"],
            patient_id=subject.removeprefix(_PATIENT),
            begins=period[0],
            professional=next((person.get("display", "") for person in professionals), ""),
            reason=", ".join(concept_text(reason) for reason in encounter.get("reasonCode", ())),
        )


def _treatment(statement: Json) -> tuple[str, str]:
    dosage = ", ".join(part.get("text", "") for part in statement.get("dosage", ()))
    return concept_text(statement.get("medicationCodeableConcept", {})), dosage


def _follow_up(episode: Json) -> str:
    kind = ", ".join(concept_text(part) for part in episode.get("type", ())) or "Suivi"
    manager = episode.get("careManager", {}).get("display", "")
    return f"{kind} : {manager}" if manager else kind


def concept_text(concept: Json) -> str:
    """What a CodeableConcept says: its text, else its first coding's display or code."""
    codings = concept.get("coding", ())
    shown = next((coding.get("display") or coding.get("code") for coding in codings), "")
    return str(concept.get("text") or shown)
