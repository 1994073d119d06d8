"""Pathway -> CaseloadRow: what the list of patients shows, ready to read in one SELECT."""

from mappings.fields import FieldMap
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.services.records import CaseloadRow

FIELDS = (
    FieldMap(
        Pathway,
        mapped={
            "pathway_id": "CaseloadRow.pathway_id",
            "state": "CaseloadRow.state",
            "site": "CaseloadRow.site",
            "traits": "CaseloadRow.family",
            "screenings": "CaseloadRow.last_phq2",
            "referral": "CaseloadRow.referred_at",
            "updated_at": "CaseloadRow.updated_at",
        },
        omitted={
            "version": "The row is read to find a pathway, which is then loaded with its version.",
            "opened_at": "The list shows the referral's date.",
            "ehr": "Not shown; the outbox knows it.",
            "consents": "Not shown in the list.",
            "eligibility": "Not shown in the list.",
            "sequences": "Not shown in the list.",
            "exit_reason": "The state says that the patient has left.",
            "state_since": "The list shows the state; its history is in the EpisodeOfCare.",
        },
    ),
)


def caseload_row(pathway: Pathway, *, policy: PathwayPolicy) -> CaseloadRow:
    """Build the row; a policy without interpretation shows no safety flag (the rules are then switched off).

    Raises:
        ValueError: the pathway has not begun (no identity, no site).
    """
    traits, site, updated_at = pathway.traits, pathway.site, pathway.updated_at
    if traits is None or site is None or updated_at is None:
        raise ValueError(f"pathway {pathway.pathway_id} has not begun")
    referral = pathway.referral
    return CaseloadRow(
        pathway_id=pathway.pathway_id,
        site=site,
        state=pathway.state,
        family=traits.family,
        given=traits.given,
        birth_date=traits.birth_date,
        sex=traits.sex.value,
        last_phq2=_last_total(pathway, InstrumentId.PHQ_2),
        last_phq9=_last_total(pathway, InstrumentId.PHQ_9),
        last_gad7=_last_total(pathway, InstrumentId.GAD_7),
        safety_open=policy.interpretation and bool(pathway.unacknowledged),
        referred_at=referral.referred_at if referral else None,
        referrer=referral.referrer.name if referral else None,
        updated_at=updated_at,
    )


def _last_total(pathway: Pathway, instrument: InstrumentId) -> int | None:
    screening = pathway.last_screening(instrument)
    return None if screening is None else screening.total
