"""The day's consultations: one per patient, sixteen minutes each, in two parallel rooms."""

from datetime import datetime, time, timedelta

from mappings.datatypes import reference
from sesame_fhir.fhir.canonical import FR_CORE
from sesame_fhir.fhir.json_types import Json
from smart_app.demo_ehr.seed.people import Person
from smart_app.demo_ehr.seed.staff import CENTRE_ID, STAFF
from smart_app.demo_ehr.seed.terms import ACT_CODE, EHR_IDENTIFIERS, named, start

_OPENING = time(8, 30)
_SLOT = timedelta(minutes=16)


def visit(person: Person, local_now: datetime) -> Json:
    """The Encounter of the day (``local_now`` is in the practice's zone): FR Core, with its visit number."""
    opening = datetime.combine(local_now.date(), _OPENING, tzinfo=local_now.tzinfo)
    begins = opening + _SLOT * ((person.number - 1) // 2)
    number = f"{local_now:%Y%m%d}-{person.number:02d}"
    visit_type = {"coding": [{"system": f"{FR_CORE}/CodeSystem/fr-core-cs-identifier-type", "code": "VN"}]}
    return {
        **start("Encounter", f"visit-{number}", "fr-core-encounter"),
        "identifier": [{"type": visit_type, "system": f"{EHR_IDENTIFIERS}/consultation", "value": number}],
        "status": "arrived",
        "class": {"system": ACT_CODE, "code": "AMB"},
        "subject": reference("Patient", person.patient_id),
        "participant": [{"individual": named("Practitioner", person.gp_id, STAFF[person.gp_id].display)}],
        "period": {"start": begins.isoformat(), "end": (begins + _SLOT).isoformat()},
        "reasonCode": [{"text": person.reason}],
        "serviceProvider": reference("Organization", CENTRE_ID),
    }
