"""Whose pathway a new resource is about: the patient that it names, and the pathway that stands open for them."""

from dataclasses import dataclass

from mappings.incoming.appointment import subject_of
from mappings.patient import ins_of, traits_of
from sesame_fhir.api.facade.commands.write import Write
from sesame_fhir.domain.events import EhrBinding, PatientTraits
from sesame_fhir.domain.ids import FACADE, PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.domain.transitions import OPEN
from sesame_fhir.fhir.errors import NotAllowed
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.search_index import split_reference
from sesame_fhir.services.patient_keys import patient_keys
from sesame_fhir.services.screening import PatientContext


@dataclass(frozen=True, slots=True)
class About:
    """A patient: ``pathway`` is the open one, else the one that the reference names, else None.

    ``patient`` is known when a pathway can be opened.
    """

    pathway: Pathway | None
    patient: PatientContext | None

    @property
    def is_open(self) -> bool:
        """True when there is a pathway that goes on."""
        return self.pathway is not None and self.pathway.state in OPEN


def about(write: Write, subject: Json) -> About:
    """Find the patient. Raises Refused when nobody is named, or somebody who is not known here."""
    kind, patient_id = split_reference(_relative(write, str(subject.get("reference", ""))))
    if kind == "Patient":
        return _by_id(write, patient_id)
    ins = ins_of(subject.get("identifier", {}))
    if ins is not None:
        found = write.engine.pathways.find_open((f"{ins.nature.value}|{ins.nir}",))
        pathway = None if found is None else _in_reach(write, found)
        if pathway is not None:
            return About(pathway, None)
    raise Refused(Reason(ReasonCode.PATIENT_UNKNOWN))


def _in_reach(write: Write, pathway_id: PathwayId) -> Pathway | None:
    """None for a pathway out of reach: a number alone must not tell who is followed elsewhere."""
    try:
        return write.engine.load(pathway_id)
    except NotAllowed:
        return None


def pathway_of(write: Write, subject: Json) -> Pathway:
    """The pathway of a patient who must have one. Raises Refused when there is none."""
    found = about(write, subject).pathway
    if found is None:
        raise Refused(Reason(ReasonCode.NOT_SCREENED))
    return found


def own_pathway(write: Write) -> Pathway:
    """The pathway that has published the resource to update. Raises Refused when the client moves it to another one."""
    named, sent = _patient(write.before), _patient(write.resource)
    pathway = write.engine.load(PathwayId(split_reference(str(named.get("reference", "")))[1]))
    if sent != named:
        other = about(write, sent).pathway
        if other is None or other.pathway_id != pathway.pathway_id:
            raise Refused(Reason(ReasonCode.PATIENT_MISMATCH))
    return pathway


def _patient(resource: Json) -> Json:
    if resource.get("resourceType") == "Appointment":
        return subject_of(resource)
    names = ("subject", "patient", "for", "beneficiary")
    found: Json = next((resource[name] for name in names if resource.get(name)), {})
    return found


def _relative(write: Write, reference: str) -> str:
    return reference.removeprefix(f"{write.deps.base_url}/")


def _by_id(write: Write, patient_id: str) -> About:
    """A Patient that a pathway publishes has the pathway's id; any other one is the record's."""
    engine = write.engine
    if engine.pathways.history(PathwayId(patient_id)):
        pathway = engine.load(PathwayId(patient_id))
        traits = pathway.traits
        return About(pathway, None if traits is None else PatientContext(traits, pathway.ehr))
    traits = _recorded(write, patient_id)
    binding = EhrBinding(FACADE, f"Patient/{patient_id}")
    found = engine.pathways.find_open(patient_keys(traits, binding))
    return About(None if found is None else engine.load(found), PatientContext(traits, binding))


def _recorded(write: Write, patient_id: str) -> PatientTraits:
    """Traits of a Patient of the record, or of one that the same unit brings. Raises Refused when there is none."""
    brought = (c.write for c in write.unit.changes if (c.resource_type, c.resource_id) == ("Patient", patient_id))
    new = next((one for one in brought if one is not None), None)
    if new is not None:
        return traits_of(dict(new.body))
    stored = write.deps.resources.read("Patient", patient_id)
    if stored is None or stored.body is None:
        raise Refused(Reason(ReasonCode.PATIENT_UNKNOWN))
    return traits_of(read_json(stored.body))
