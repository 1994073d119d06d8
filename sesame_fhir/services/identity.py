"""Completing a patient's identity at the source: the INS, when the pathway began without one.

An INS is added, never exchanged: a pathway that has another one is a question of identity that no form may settle.
Whoever writes it down vouches that it was qualified (INSi); that it fits the person is checked here.
"""

from datetime import date

from sesame_fhir.domain.events import PatientIdentified, PatientTraits, Sex
from sesame_fhir.domain.identifiers import Ins, InsNature, InvalidIdentifier
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.engine import Command, Engine

_SEXES = {"1": Sex.MALE, "7": Sex.MALE, "2": Sex.FEMALE, "8": Sex.FEMALE}
"""First character of a matricule; 7 and 8 are of numbers given while waiting."""
_MONTHS = frozenset(f"{month:02d}" for month in range(1, 13))
"""Other values stand for a month that was not known when the number was given."""


def record_ins(engine: Engine, command: Command, pathway_id: PathwayId, matricule: str, nature: InsNature) -> Pathway:
    """Add the INS, ``matricule`` with its key; the other traits stay as they are. The same one again changes nothing.

    Raises:
        Refused: not an INS, one that does not fit the patient's sex or birth, or another one is known.
        Conflict: another open pathway is this person's: the two are to be merged.
    """
    ins = _parsed(matricule, nature)

    def decide(pathway: Pathway) -> tuple[PatientIdentified, ...]:
        traits = pathway.traits
        if traits is None:
            raise Refused(Reason(ReasonCode.PATIENT_UNKNOWN))
        if traits.ins == ins:
            return ()
        if reasons := _against(traits, ins):
            raise Refused(*reasons)
        known = PatientTraits(traits.family, traits.given, traits.birth_date, traits.sex, ins, traits.phone)
        return (PatientIdentified(known),)

    return engine.run(pathway_id, command, "record-ins", decide)


def _parsed(matricule: str, nature: InsNature) -> Ins:
    try:
        return Ins.parse(matricule, nature)
    except InvalidIdentifier as wrong:
        raise Refused(Reason(ReasonCode.INS_INVALID, wrong.problem)) from None


def _against(traits: PatientTraits, ins: Ins) -> list[Reason]:
    if traits.ins is not None:
        return [Reason(ReasonCode.INS_KNOWN_ALREADY)]
    sex = _SEXES.get(ins.nir[0])
    other_sex = sex is not None and traits.sex in _SEXES.values() and sex is not traits.sex
    other_birth = traits.birth_date is not None and not _born(ins, traits.birth_date)
    return [
        *([Reason(ReasonCode.INS_DISAGREES, "sex")] if other_sex else ()),
        *([Reason(ReasonCode.INS_DISAGREES, "birth-date")] if other_birth else ()),
    ]


def _born(ins: Ins, on: date) -> bool:
    month = ins.nir[3:5]
    return ins.nir[1:3] == f"{on:%y}" and (month not in _MONTHS or month == f"{on:%m}")
