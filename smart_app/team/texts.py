"""French texts of signing in and of the team's shell; templates translate them. A test keeps each table complete."""

from sesame_fhir.domain.actors import Role
from sesame_fhir.services.accounts import AccountProblem
from sesame_fhir.services.break_glass import GlassReason
from sesame_fhir.services.enrolment import EnrolmentProblem

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

ENROLMENT_PROBLEMS: dict[EnrolmentProblem, str] = {
    EnrolmentProblem.TOO_SHORT: "Le mot de passe est trop court : au moins 12 caractères, par exemple quatre mots.",
    EnrolmentProblem.TOO_LONG: "Le mot de passe est trop long : 200 caractères au plus.",
    EnrolmentProblem.LIKE_LOGIN: "Le mot de passe ne peut pas être l'identifiant.",
    EnrolmentProblem.DIFFER: "Les deux mots de passe sont différents : retapez-les.",
    EnrolmentProblem.CODE_WRONG: "Le code n'est pas le bon : attendez le suivant dans l'application, puis tapez-le. "
    "L'heure du téléphone doit être réglée automatiquement.",
    EnrolmentProblem.PASSKEY_INVALID: "La clé d'accès n'a pas pu être vérifiée : recommencez, ou choisissez le mot de "
    "passe avec un code.",
}

ACCOUNT_PROBLEMS: dict[AccountProblem, str] = {
    AccountProblem.LOGIN_INVALID: "Identifiant : 2 à 64 caractères parmi lettres sans accent, chiffres, point, tiret, "
    "arobase.",
    AccountProblem.LOGIN_TAKEN: "Cet identifiant, ou cette identité externe, appartient déjà à un compte.",
    AccountProblem.NAME_MISSING: "Écrivez le nom, en 100 caractères au plus.",
    AccountProblem.ROLE_UNKNOWN: "Choisissez un rôle.",
    AccountProblem.SITE_UNKNOWN: "Un des sites choisis n'existe pas ici.",
    AccountProblem.SITE_MISSING: "Choisissez au moins un site : seul un administrateur n'en a pas besoin.",
    AccountProblem.RPPS_INVALID: "Ce numéro RPPS n'est pas valide : 11 chiffres, le dernier est une clé.",
    AccountProblem.OWN_ACCOUNT: "Vous ne pouvez pas désactiver votre propre compte : demandez à un autre "
    "administrateur.",
    AccountProblem.OWN_ROLE: "Vous ne pouvez pas changer votre propre rôle : demandez à un autre administrateur.",
}
