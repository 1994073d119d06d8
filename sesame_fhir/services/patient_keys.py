"""The keys by which a patient's open pathway is found: the INS, and the record's reference in one EHR.

A key names a patient without ambiguity: never a name or a birth date (no silent merge of two persons).
"""

from sesame_fhir.domain.events import EhrBinding, PatientTraits


def patient_keys(traits: PatientTraits, ehr: EhrBinding | None) -> tuple[str, ...]:
    """Return the keys, strongest first; empty when nothing identifies the patient."""
    keys = []
    if traits.ins is not None:
        keys.append(f"{traits.ins.nature.value}|{traits.ins.nir}")
    if ehr is not None:
        keys.append(f"{ehr.ehr_id}|{ehr.patient}")
    return tuple(keys)
