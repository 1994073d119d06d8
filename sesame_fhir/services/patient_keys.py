"""The keys by which a patient's open pathway is found: the INS, and the record's reference in one EHR.

A key names a patient without ambiguity: never a name or a birth date (no silent merge of two persons).
"""

from collections.abc import Sequence

from sesame_fhir.domain.events import EhrBinding, PatientTraits


def patient_keys(traits: PatientTraits, ehr: EhrBinding | None, aliases: Sequence[EhrBinding] = ()) -> tuple[str, ...]:
    """Return the keys, strongest first; empty when nothing identifies the patient.

    ``aliases`` are where the records of absorbed pathways live: a launch from one of them finds this pathway.
    """
    keys = []
    if traits.ins is not None:
        keys.append(f"{traits.ins.nature.value}|{traits.ins.nir}")
    if ehr is not None:
        keys.append(_record_key(ehr))
    return tuple(dict.fromkeys([*keys, *map(_record_key, aliases)]))


def _record_key(ehr: EhrBinding) -> str:
    return f"{ehr.ehr_id}|{ehr.patient}"
