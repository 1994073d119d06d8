"""French texts of the referral's page; templates translate them. A test keeps each table complete."""

from sesame_fhir.domain.events import ReferralEnd

ENDS: dict[ReferralEnd, str] = {
    ReferralEnd.DECLINED_BY_PATIENT: "Le patient ne souhaite pas ce suivi",
    ReferralEnd.UNREACHABLE: "Patient injoignable",
    ReferralEnd.NOT_ELIGIBLE: "Pas une indication SÉSAME",
    ReferralEnd.OTHER: "Autre raison",
}

NOTE_NEEDED: frozenset[ReferralEnd] = frozenset({ReferralEnd.NOT_ELIGIBLE, ReferralEnd.OTHER})
"""Ends whose note the rules ask for."""
