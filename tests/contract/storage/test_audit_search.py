"""The audit log answers a search as the AuditEvents themselves would, on both databases, page by page, by an index."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from mappings.audit_event import audit_event
from mappings.audit_search import audit_clauses
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.fhir.search_index import index
from sesame_fhir.fhir.search_query import parse_search
from sesame_fhir.services.audit_trail import AuditQuery, Between, OneOf
from sesame_fhir.services.errors import InvalidCursor
from sesame_fhir.services.records import AuditEntry
from sesame_fhir.services.search import (
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    IdClause,
    IndexEntry,
    ReferenceClause,
    TokenClause,
    UriClause,
)
from sesame_fhir.storage import Store, open_store
from sesame_fhir.storage.audit_search import find
from tests.contract.storage.plans import planning
from tests.support.databases import VAULT_KEY
from tests.support.story import PATHWAY, SITE, START
from tests.unit.mappings import audit_cases as cases

# Two of them happened at the same moment, and one was written down after a later one.
LOG = tuple(
    replace(entry, at=START + timedelta(minutes=10 * (number // 2), milliseconds=-1 if number == 9 else 0))
    for number, entry in enumerate((*cases.ENTRIES, cases.READ, cases.PAGE))
)
EVENTS = {position: index(audit_event(position, entry)) for position, entry in enumerate(LOG, start=1)}
NURSE_ID, GP_ID = cases.GLASS.actor_id, cases.PAGE.actor_id
SYSTEM = "https://sesame-fhir.fr/ig/identifier"

QUERIES = [
    *("", "action=R", "action=E", "action=R,E", "action=U", "action=X", "action:not=R", "action:not=R,E"),
    *("action=urn:x|R", "action=|R", "outcome=0", "outcome=4", "outcome=8", "outcome:not=0", "outcome=0,4"),
    *("type=rest", "type=110110", "type=http://dicom.nema.org/resources/ontology/DCM|110114", "type=urn:x|rest"),
    *("type:not=rest", "type=110106,110113", "type:not=110110", "subtype=read", "subtype=search-type,create"),
    *("subtype=http://hl7.org/fhir/restful-interaction|search", "subtype=view-patient", "subtype:not=read"),
    *(f"subtype={SYSTEM}/audited-action|break-glass", f"subtype={SYSTEM}/audited-detail|passkey", "subtype=search"),
    *("subtype=emergency", "subtype:not=passkey", "subtype=Observation", "agent-role=nurse", "agent-role:not=nurse"),
    *("agent-role=practitioner", "agent-role=https://sesame-fhir.fr/ig/CodeSystem/sesame-role|gp,nurse"),
    *(f"site={SITE}", f"site:not={SITE}", f"site=autre-site,{SITE}", "site=urn:x|autre-site", "site=a%00b"),
    *(f"patient={PATHWAY}", f"patient=Patient/{PATHWAY}", "patient=p1", f"patient=Group/{PATHWAY}", "patient=o1"),
    *(f"agent={cases.READ.actor_id}", "agent=Practitioner/nobody", f"agent=Patient/{PATHWAY}", "agent=service"),
    *(f"agent:identifier={GP_ID}", f"agent:identifier=https://rpps.esante.gouv.fr|{GP_ID}", "agent:identifier=unknown"),
    *(f"agent:identifier={SYSTEM}/client|viewer_app", f"agent:identifier={SYSTEM}/actor|service"),
    *(f"agent:identifier={SYSTEM}/actor|admin-1", "agent:identifier=service", "agent:identifier=viewerXapp"),
    *(
        "agent:identifier=ehr-test\\|Practitioner/9",
        'agent:identifier=a"b',
        f"agent:identifier={SYSTEM}/client|service",
    ),
    *("entity=Observation/o1", "entity=o1", "entity=Condition/o1", f"entity=Patient/{PATHWAY}", f"entity={PATHWAY}"),
    *("entity:identifier=viewer_app", "entity:identifier=ehr-test\\|Patient/p1", "entity=Observation/x%_"),
    *(f"entity=Practitioner/{cases.ACCOUNT_CHANGED.extra['staff_id']}", "_id=1,3,99", "_id=01", "_id=x", "_id=7"),
    *(f"date={START:%Y-%m-%d}", "date=2001", "date=ne2001", "date=lt2001", "_tag=x", "_tag:not=x", "_source=urn:x"),
    *(f"date={prefix}2026-03-02T09:10:00Z" for prefix in DatePrefix),
    *(f"_lastUpdated={prefix}{START + timedelta(minutes=20):%Y-%m-%dT%H:%M:%SZ}" for prefix in DatePrefix),
    f"date=ge{START:%Y-%m-%dT%H:%M}Z&date=lt{START + timedelta(minutes=30):%Y-%m-%dT%H:%M}Z",
    f"patient={PATHWAY}&action=R&date=ge{START + timedelta(minutes=1):%Y-%m-%dT%H:%M}Z",
    f"agent:identifier={NURSE_ID}&patient={PATHWAY}&outcome=0",
    *("_profile=https://sesame-fhir.fr/ig/StructureDefinition/sesame-audit-event", "_profile=urn:x"),
]


@pytest.fixture(scope="module")
def log(shared_store: Store) -> Store:
    for entry in LOG:
        shared_store.audit.record(entry)
    return shared_store


def asked(text: str) -> tuple[Clause, ...]:
    pairs = [(name, value) for name, _, value in (part.partition("=") for part in text.split("&")) if name]
    return parse_search("AuditEvent", pairs, now=START + timedelta(days=100), strict=True).query.clauses


def query(text: str, **changes: object) -> AuditQuery:
    return replace(AuditQuery(audit_clauses(asked(text)), count=100), **changes)  # type: ignore[arg-type]


def positions(store: Store, wanted: AuditQuery) -> list[int]:
    return [one.position for one in store.audit.find(wanted).entries]


def in_time(found: Iterable[int]) -> list[int]:
    """Newest first; what happened at once, by position."""
    return sorted(found, key=lambda one: (LOG[one - 1].at, one), reverse=True)


@pytest.mark.parametrize("text", QUERIES)
def test_the_log_finds_what_the_resources_say(log: Store, text: str) -> None:
    text = text.replace("%00", "\x00")
    expected = [
        position for position, entries in EVENTS.items() if all(holds(c, position, entries) for c in asked(text))
    ]
    page = log.audit.find(query(text, counted=True))
    assert [one.position for one in page.entries] == in_time(expected)
    assert page.total == len(expected)
    assert all(one.entry == LOG[one.position - 1] for one in page.entries)


def test_the_queries_tell_entries_apart() -> None:
    sizes = {sum(all(holds(c, p, found) for c in asked(text)) for p, found in EVENTS.items()) for text in QUERIES}
    assert sizes >= {0, 1, 2, len(LOG)}


def holds(clause: Clause, position: int, entries: tuple[IndexEntry, ...]) -> bool:
    """R4's meaning of a clause, on what the resource would be indexed by."""
    match clause:
        case IdClause(values=values):
            return str(position) in values
        case DateClause(param=param, values=values):
            dates = [one for one in entries if one.param == param.replace("_lastUpdated", "date")]
            return any(_in_time(one, value) for one in dates for value in values)
        case ReferenceClause(param=param, values=values):
            return any(
                one.param == param and value.ref_id == one.ref_id and value.ref_type in (None, one.ref_type)
                for one in entries
                for value in values
            )
        case UriClause(param=param, values=values):
            return any(one.param == param and one.text in values for one in entries)
        case TokenClause(param=param, values=values, negated=negated):
            found = any(
                one.param == param and value.code == one.code and value.system in (None, one.system or "")
                for one in entries
                for value in values
            )
            return found is not negated
    raise AssertionError(clause)


def _in_time(one: IndexEntry, value: DateValue) -> bool:
    assert one.low is not None
    assert one.high is not None
    low, high = value.low - value.margin, value.high + value.margin
    within = low <= one.low and one.high <= high
    return {
        DatePrefix.EQ: within,
        DatePrefix.NE: not within,
        DatePrefix.GT: one.high > high,
        DatePrefix.LT: one.low < low,
        DatePrefix.GE: within or one.high > high,
        DatePrefix.LE: within or one.low < low,
        DatePrefix.SA: one.low >= high,
        DatePrefix.EB: one.high <= low,
        DatePrefix.AP: one.low < high and one.high > low,
    }[value.prefix]


def pages(store: Store, wanted: AuditQuery) -> Iterator[list[int]]:
    after: int | None = None
    for _ in count():
        page = store.audit.find(replace(wanted, after=after))
        yield [one.position for one in page.entries]
        after = page.next_after
        if after is None:
            return


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize("text", ["", "outcome=4", f"patient={PATHWAY}"])
def test_pages_hold_everything_once_in_order(log: Store, text: str, size: int, *, oldest_first: bool) -> None:
    whole = positions(log, query(text))
    found = list(pages(log, query(text, count=size, oldest_first=oldest_first)))
    assert [one for page in found for one in page] == (whole[::-1] if oldest_first else whole)
    assert max(map(len, found)) <= size


@pytest.mark.parametrize("walk", [1, 2, 3])
def test_a_rare_thing_is_found_by_short_walks(log: Store, walk: int) -> None:
    """A page looks at so many entries and no more: it may be empty, and the next one goes on."""
    found = list(pages(log, query("subtype=passkey", walk=walk)))
    assert [one for page in found for one in page] == [cases.ENTRIES.index(cases.SIGN_IN_REFUSED) + 1]
    assert len(found) >= len(LOG) // walk
    assert log.audit.find(query("outcome=4", walk=walk, counted=True)).total is None
    assert log.audit.find(query("_id=3", walk=walk, counted=True)).total == 1


def test_only_a_total(log: Store) -> None:
    page = log.audit.find(query("outcome=0", count=0, counted=True))
    assert (page.entries, page.next_after) == ((), None)
    assert page.total == len(positions(log, query("outcome=0")))


@pytest.mark.parametrize("after", [99, 10**18])
def test_a_position_of_the_log_only(log: Store, after: int) -> None:
    with pytest.raises(InvalidCursor):
        log.audit.find(AuditQuery(after=after))


@pytest.mark.parametrize(
    "sites", [frozenset({SITE}), frozenset({SiteId("autre-site")}), frozenset({SITE, "x"}), frozenset()]
)
def test_a_site_sees_what_happened_there(log: Store, sites: frozenset[SiteId]) -> None:
    expected = [position for position, entry in enumerate(LOG, start=1) if entry.site in sites]
    page = log.audit.find(AuditQuery(count=100, sites=sites, counted=True))
    assert [one.position for one in page.entries] == in_time(expected)
    assert page.total == len(expected)
    read = [at for at in EVENTS if log.audit.entry(at, sites) is not None]
    assert read == expected


def test_one_entry_by_its_position(log: Store) -> None:
    assert log.audit.entry(2) == LOG[1]
    assert log.audit.entry(99) is None


def test_what_was_recorded_before_is_found(store: Store) -> None:
    """The answer does not wait for the disk, the question does."""
    store.audit.record(cases.READ)
    assert positions(store, AuditQuery()) == [1]


@pytest.mark.parametrize(
    ("wanted", "way"),
    [
        (AuditQuery(), "ix_audit_at_entry_id"),
        (AuditQuery(((((OneOf("outcome", ("denied",)),)),),)), "ix_audit_at_entry_id"),
        (AuditQuery((((Between(START, None),),),)), "ix_audit_at_entry_id (at>?"),
        (AuditQuery((((OneOf("patient", ("a", "Patient/a")),),),)), "ix_audit_patient_at_entry_id (patient=?"),
        (AuditQuery((((OneOf("actor_id", ("a",)),),),)), "ix_audit_actor_id_at_entry_id (actor_id=?"),
        (AuditQuery((((OneOf("entry_id", (4,)),),),)), "(rowid=?"),
    ],
)
@pytest.mark.parametrize("after", [None, 1])
def test_no_page_sorts_the_log(sqlite_url: str, wanted: AuditQuery, way: str, after: int | None) -> None:
    with open_store(sqlite_url, VAULT_KEY) as store:
        store.audit.record(AuditEntry(START, "a", "nurse", "read", "denied"))
    with planning(sqlite_url) as session:
        find(session, replace(wanted, after=after))
        steps = [one for one in session.steps if "audit" in one]
    assert any(way in step for step in steps), steps
    assert not any(step == "SCAN audit" for step in steps), steps
