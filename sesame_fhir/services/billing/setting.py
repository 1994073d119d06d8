"""What every use case of billing is given: the store, the engine, and who acts."""

from collections.abc import Callable
from dataclasses import dataclass

from sesame_fhir.domain.access import role_refusals
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.ports import Stores
from sesame_fhir.services.billing.publishing import PaymentPublisher
from sesame_fhir.services.engine import Engine

Progress = Callable[[int, int | None], None]
"""Told how many are done, and of how many when that is known, while long work goes on."""


@dataclass(frozen=True, slots=True)
class Billing:
    """The use cases' dependencies. ``four_eyes``: who approves a batch is not who froze it.

    ``publisher`` shows payments to other systems; None: nobody is shown them.
    """

    engine: Engine
    stores: Stores
    four_eyes: bool = True
    publisher: PaymentPublisher | None = None


@dataclass(frozen=True, slots=True)
class Coordinator:
    """Who acts, and the sites in reach."""

    actor: Actor
    sites: frozenset[SiteId]

    def may(self, action: str, *sites: SiteId) -> None:
        """Raise Refused when the role may not (``action`` of ``domain.access.ACTIONS``) or a site is out of reach."""
        reasons = list(role_refusals(action, self.actor.role))
        reasons += [Reason(ReasonCode.OUT_OF_SCOPE, site) for site in sites if site not in self.sites]
        if reasons:
            raise Refused(*reasons)


def unheard(_done: int, _of: int | None) -> None:
    """A progress that nobody listens to."""
