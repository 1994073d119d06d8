"""French texts of the administrator's page of applications; templates translate them."""

from sesame_fhir.services.clients import ClientProblem
from sesame_fhir.services.records import ClientKind
from sesame_fhir.services.subscriptions import NotifyError, Status

KINDS: dict[ClientKind, str] = {
    ClientKind.ASYMMETRIC: "signe avec ses clés (conseillé)",
    ClientKind.SYMMETRIC: "a un secret",
    ClientKind.PUBLIC: "ne peut rien garder secret (navigateur, téléphone)",
}
"""How a client proves who it is."""

SUBSCRIPTION_STATES: dict[Status, str] = {
    Status.REQUESTED: "demandé, pas encore joint",
    Status.ACTIVE: "actif",
    Status.ERROR: "arrêté après deux jours d'échecs",
    Status.OFF: "terminé",
}
"""How a subscription is."""

NOTIFY_ERRORS: dict[NotifyError, str] = {
    NotifyError.UNREACHABLE: "Son serveur ne répond pas.",
    NotifyError.REFUSED: "Son serveur refuse l'envoi.",
    NotifyError.NO_TOKEN: "Son serveur ne donne pas de jeton.",
    NotifyError.NOT_ALLOWED: "L'application est fermée, ou n'a plus ce droit.",
    NotifyError.INTERNAL: "Une erreur de SÉSAME : voir le journal.",
}
"""Why what waits has not arrived."""

CLIENT_PROBLEMS: dict[ClientProblem, str] = {
    ClientProblem.ID_INVALID: "Identifiant : 1 à 200 caractères parmi lettres sans accent, chiffres, point, tiret.",
    ClientProblem.ID_TAKEN: "Cet identifiant appartient déjà à une application.",
    ClientProblem.NAME_MISSING: "Écrivez le nom, en 100 caractères au plus.",
    ClientProblem.KIND_UNKNOWN: "Choisissez comment l'application prouve son identité.",
    ClientProblem.SCOPES_MISSING: "Écrivez au moins un droit.",
    ClientProblem.SCOPES_UNKNOWN: "Ces droits ne peuvent pas être donnés : les corriger ou les enlever.",
    ClientProblem.ADDRESS_UNSAFE: "Une adresse n'est pas utilisable : il faut https:// et l'adresse complète.",
    ClientProblem.REDIRECT_MISSING: "Donnez une adresse de retour. Seul un service qui signe avec ses clés et a un "
    "droit system/ s'en passe.",
    ClientProblem.KEYS_MISSING: "Donnez l'adresse des clés publiques, ou les clés.",
    ClientProblem.KEYS_INVALID: "Ces clés ne sont pas un jeu de clés publiques RSA ou EC, chacune avec son « kid ».",
    ClientProblem.SECRET_SHORT: "Le secret est trop court : 32 caractères au moins.",
    ClientProblem.SITE_UNKNOWN: "Un des sites choisis n'existe pas ici.",
    ClientProblem.ORIGIN_INVALID: "Une origine s'écrit https://hôte, sans rien après.",
}
