"""A billing scheme: what a deployment configured, with its validity. No amount here is a default.

Source: domain page, "Billing". UNKNOWN there: the amount, the minimum number of contacts, what an interrupted sequence
earns, the national file format. Two schemes may be valid side by side, each for its own sites.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sesame_fhir.domain.events.billing import BillerId
from sesame_fhir.domain.events.vocabulary import ConsentPurpose, ContactTask
from sesame_fhir.domain.ids import SiteId


class DecidedBy(StrEnum):
    """Which day of a sequence chooses scheme, version, biller and tariff, for one that straddles a change."""

    START = "start"
    END = "end"


class InterruptedEarns(StrEnum):
    """What a sequence earns that ended before its planned end."""

    FULL = "full"
    PRO_RATA = "pro-rata"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Biller:
    """Who claims, from ``start`` to ``end`` (both included; None: without end)."""

    identity: BillerId
    start: date
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Tariff:
    """Euros for a whole sequence of one rank, from ``start`` to ``end`` (both included; None: without end)."""

    rank: int
    amount: Decimal
    start: date
    end: date | None = None


@dataclass(frozen=True, slots=True)
class BillingScheme:
    """One version of one scheme.

    sites: where it applies; empty: everywhere. contact_tasks: tasks of a contact that count; empty: every held contact.
    minimum_contacts, minimum_contacts_interrupted: held contacts in the sequence. share_percent: of the amount, due to
    the hosting centre. late_days: a sequence must be claimed for the first time within so many days after its last day;
    None: no limit.
    consents: purposes that must have stood on the last day (given, or informed without opposition).
    example: this version is an example, never real money: exports and pages say so.
    """

    scheme_id: str
    version: str
    label: str
    start: date
    decided_by: DecidedBy
    billers: tuple[Biller, ...]
    tariffs: tuple[Tariff, ...]
    minimum_contacts: int
    interrupted: InterruptedEarns
    share_percent: Decimal
    consents: tuple[ConsentPurpose, ...]
    end: date | None = None
    minimum_contacts_interrupted: int = 0
    contact_tasks: tuple[ContactTask, ...] = ()
    late_days: int | None = None
    ins_required: bool = True
    coverage_required: bool = False
    sites: frozenset[SiteId] = frozenset()
    example: bool = False

    def deciding_day(self, start: date, end: date) -> date:
        """The day of a sequence that chooses version, biller and tariff."""
        return start if self.decided_by is DecidedBy.START else end

    def serves(self, site: SiteId) -> bool:
        """True when it applies at this site."""
        return not self.sites or site in self.sites

    def counts(self, task: str | None) -> bool:
        """True when a held contact for this task is one of the ``minimum_contacts``."""
        return not self.contact_tasks or task in self.contact_tasks

    def biller_on(self, day: date) -> Biller | None:
        """Who claims for a sequence decided on ``day``."""
        return next((b for b in self.billers if within(day, b.start, b.end)), None)

    def tariff_on(self, rank: int, day: date) -> Tariff | None:
        """What a whole sequence of this rank earns on ``day``."""
        return next((t for t in self.tariffs if t.rank == rank and within(day, t.start, t.end)), None)


def within(day: date, start: date, end: date | None) -> bool:
    """True when ``day`` is in the period, both ends included."""
    return start <= day and (end is None or day <= end)


def applicable(schemes: Iterable[BillingScheme], site: SiteId, start: date, end: date) -> tuple[BillingScheme, ...]:
    """The schemes that decide on a sequence of ``site`` from ``start`` to ``end``; more than one is ambiguous.

    Each scheme is asked on the deciding day of its own. Of its versions the one in force decides: a version is
    superseded from the ``start`` of a later one (ties: the version given last), and does not come back where the later
    one has ended or leaves out the site.
    """
    in_force: dict[str, BillingScheme] = {}
    for scheme in schemes:
        known = in_force.get(scheme.scheme_id)
        if scheme.start <= scheme.deciding_day(start, end) and (known is None or scheme.start >= known.start):
            in_force[scheme.scheme_id] = scheme
    return tuple(
        scheme
        for _, scheme in sorted(in_force.items())
        if scheme.serves(site) and within(scheme.deciding_day(start, end), scheme.start, scheme.end)
    )
