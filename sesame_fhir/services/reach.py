"""Whose data somebody reaches, as a value that a store can test: the same rule as on the pages, for reads and searches.

Source: ``domain.access.scope_refusals``, which a test compares with what the stores answer.
"""

from dataclasses import dataclass
from enum import StrEnum

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import PathwayId, SiteId

SHARED_TYPES = frozenset(
    {
        *("ActivityDefinition", "CapabilityStatement", "CodeSystem", "ConceptMap", "ImplementationGuide", "Library"),
        *("Location", "Measure", "NamingSystem", "OperationDefinition", "Organization", "PlanDefinition"),
        *("Practitioner", "PractitionerRole", "Questionnaire", "SearchParameter", "StructureDefinition", "ValueSet"),
    }
)
"""Types without patient data: they belong to no site and to no patient."""

BILLING_TYPES = frozenset({"Claim", "ClaimResponse", "Coverage", "PaymentReconciliation"})
"""What is billed, answered and paid: of who bills a site, whoever its patients are. Nothing clinical is in them."""
SITE_TYPES = BILLING_TYPES | {"MeasureReport"}
"""Types that are reached by their site alone; which roles read them is another question (``api.roles``)."""


class Rule(StrEnum):
    """Which patients of one's sites are in reach."""

    ALL = "all"
    OWN = "own"
    REVIEW = "review"
    NONE = "none"


RULES = {Role.NURSE: Rule.ALL, Role.GP: Rule.OWN, Role.PSYCHIATRIST: Rule.REVIEW}
"""By role; every other role reaches no patient."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What an account of the team reaches; every tuple is sorted, so that equal reaches are written alike.

    ``person`` is the identifier (system, value) by which care teams and messages name them, ``actor_id`` the one of
    referrals. ``role`` is the code (system, code) by which a message is addressed. ``opened`` are pathways beyond the
    rule (a broken glass). ``client_sites``: the client's own limit; None when it has none.
    """

    sites: tuple[SiteId, ...]
    rule: Rule
    actor_id: str
    person: tuple[str, str]
    role: tuple[str, str]
    opened: tuple[PathwayId, ...] = ()
    client_sites: tuple[SiteId, ...] | None = None


Limit = frozenset[SiteId] | Reach
"""What a search, and everything it passes through, is limited to: the resources of some sites, or somebody's reach."""


def written(limit: Limit | None) -> str:
    """The same text for equal limits in every process: a set's own order differs between them."""
    return repr(sorted(limit) if isinstance(limit, frozenset) else limit)
