"""What could have been billed on a day, and what another scheme would change: over lives in a real store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.billing.decision import BillingCode, Verdict
from sesame_fhir.domain.billing.scheme import InterruptedEarns
from sesame_fhir.domain.ids import CommandId
from sesame_fhir.domain.reasons import Refused
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.billing.time_travel import (
    as_if_added,
    at_any_time,
    billable_on,
    difference,
    schemes_on,
    what_if,
)
from sesame_fhir.services.engine import Command
from sesame_fhir.storage import open_store
from tests.support.billed import SCHEME
from tests.support.billing import (
    FIRST_COORDINATOR,
    OTHER_SITE,
    SITES,
    Lived,
    billing_over,
    one_more_contact,
    write_lives,
)
from tests.support.story import COORDINATOR, SITE

WHOLE, CUT, SCARCE, RUNNING = Lived(1), Lived(2, end=date(2026, 4, 20)), Lived(3, contacts=1), Lived(4, end=None)
ELSEWHERE = Lived(5, OTHER_SITE)


@pytest.fixture(scope="module")
def billing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Billing]:
    folder: Path = tmp_path_factory.mktemp("travel")
    with open_store(f"sqlite:///{folder / 'travel.db'}", bytes(32)) as store:
        store.migrate()
        write_lives(store, (WHOLE, CUT, SCARCE, RUNNING, ELSEWHERE))
        made = billing_over(store)
        one_more_contact(made, SCARCE, date(2026, 5, 20))
        claim = ev.SequenceBilled(1, "before-this-software")
        at = datetime(2026, 6, 20, 10, tzinfo=UTC)
        command = Command(CommandId("old"), COORDINATOR, SITE, at, scope=Scope(opened=frozenset({WHOLE.pathway_id})))
        made.engine.run(WHOLE.pathway_id, command, "bill-sequence", lambda _pathway: (claim,))
        yield made


def verdicts(billing: Billing, day: date) -> dict[int, Verdict]:
    found = billable_on(billing, FIRST_COORDINATOR, day)
    return {int(one.facts.pathway_id[-2:], 16): one.decision.verdict for one in found}


def test_a_day_knows_only_what_had_been_recorded(billing: Billing) -> None:
    yes, later, never = Verdict.BILLABLE, Verdict.NOT_YET, Verdict.NEVER
    assert verdicts(billing, date(2026, 4, 20)) == {}, "the sequence that was cut is closed the day after"
    assert verdicts(billing, date(2026, 4, 21)) == {2: yes}
    assert verdicts(billing, date(2026, 6, 1)) == {2: yes}
    # The contact of 20 May was written down on 1 July: until then the third sequence had one contact.
    assert verdicts(billing, date(2026, 6, 30)) == {1: yes, 2: yes, 3: later, 5: yes}
    assert verdicts(billing, date(2026, 7, 1)) == {1: never, 2: yes, 3: yes, 5: yes}


def test_a_coordinator_sees_her_own_sites_and_nobody_else_asks(billing: Billing) -> None:
    mine = Coordinator(COORDINATOR, frozenset({OTHER_SITE}))
    assert [one.facts.site for one in billable_on(billing, mine, date(2026, 7, 1))] == [OTHER_SITE]
    nurse = Coordinator(Actor("n", Role.NURSE, "Infirmière Fictive"), SITES)
    with pytest.raises(Refused):
        billable_on(billing, nurse, date(2026, 7, 1))
    with pytest.raises(Refused):
        what_if(billing, nurse, [SCHEME])


def test_schemes_of_a_day_are_those_given_by_then(billing: Billing) -> None:
    assert schemes_on(billing, date(2026, 6, 30)) == ()
    assert schemes_on(billing, date(2026, 7, 1)) == (SCHEME,)
    reasons = {
        reason.code
        for one in billable_on(billing, FIRST_COORDINATOR, date(2026, 6, 30), schemes=())
        for reason in one.decision.against
    }
    assert reasons == {BillingCode.OUTSIDE_SCHEME}


def test_another_scheme_is_compared_sequence_by_sequence(billing: Billing) -> None:
    generous = replace(SCHEME, interrupted=InterruptedEarns.FULL, minimum_contacts=4, share_percent=Decimal(50))
    rows = {int(one.facts.pathway_id[-2:], 16): one for one in what_if(billing, FIRST_COORDINATOR, [generous])}
    assert sorted(rows) == [1, 2, 3, 5], "the claimed one is compared too, the running one is not"
    assert rows[1].difference == 0
    assert rows[1].changed, "the centre's share is another one"
    assert rows[2].then.amount == 300
    assert rows[3].then.verdict is Verdict.NOT_YET
    whole = difference(rows.values())
    # 300 x 50 days of 92 is 163.04; the third has two contacts, of four that would be asked for.
    assert (whole.sequences, whole.changed, whole.gained, whole.lost) == (4, 4, 0, 1)
    assert (whole.now, whole.then) == (Decimal("1063.04"), Decimal("900.00"))
    assert whole.why_lost == {BillingCode.TOO_FEW_CONTACTS: 1}
    assert (whole.share_now, whole.share_then) == (Decimal("353.99"), Decimal("450.00"))


def test_a_version_is_tried_as_if_it_had_been_added(billing: Billing) -> None:
    dearer = replace(
        SCHEME, version="2026-2", start=date(2026, 3, 1), tariffs=(replace(SCHEME.tariffs[0], amount=Decimal(400)),)
    )
    beside = as_if_added(billing, [dearer])
    assert [scheme.version for scheme in beside] == [SCHEME.version, "2026-2"]
    assert difference(what_if(billing, FIRST_COORDINATOR, beside)).then == Decimal("1417.39")
    again = replace(SCHEME, minimum_contacts=9)
    assert as_if_added(billing, [again]) == (again,)


def test_a_scheme_of_tomorrow_can_be_tried_on_the_past(billing: Billing) -> None:
    tomorrow = replace(SCHEME, scheme_id="parcours-coordonne-renforce", start=date(2027, 1, 1))
    assert difference(what_if(billing, FIRST_COORDINATOR, [tomorrow])).then == 0
    tried = difference(what_if(billing, FIRST_COORDINATOR, [at_any_time(tomorrow)]))
    assert (tried.changed, tried.then) == (0, tried.now)
