"""French texts of the team's shell; templates translate them. A test keeps each table complete."""

from sesame_fhir.domain.actors import Role
from sesame_fhir.services.break_glass import GlassReason

ROLES: dict[Role, str] = {
    Role.GP: "médecin généraliste",
    Role.NURSE: "infirmière SÉSAME",
    Role.PSYCHIATRIST: "psychiatre",
    Role.SITE_REFERENT: "référent de site",
    Role.FRONT_DESK: "accueil",
    Role.COORDINATOR: "coordination",
    Role.ADMINISTRATOR: "administration",
}
"""Every role that an account may have."""

GLASS_REASONS: dict[GlassReason, str] = {
    GlassReason.EMERGENCY: "Urgence pour ce patient",
    GlassReason.COLLEAGUE_ABSENT: "Je remplace un collègue absent",
    GlassReason.PATIENT_ASKS: "Le patient me le demande",
    GlassReason.OTHER: "Autre motif (à préciser)",
}
