"""Versions of schemes: added, corrected while nothing uses them, then only superseded; the history stays."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.batches import reopen
from sesame_fhir.services.billing.schemes import Given, SchemeFate, add_schemes
from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.storage import Store
from tests.support.billed import SCHEME
from tests.support.billing import FIRST_COORDINATOR, Lived, frozen_month, submitted_month, write_lives

CHANGED = replace(SCHEME, share_percent=Decimal(40))
NEXT = replace(CHANGED, version="2026-2", start=date(2026, 7, 1))
OTHER = replace(SCHEME, scheme_id="own-code", start=date(2027, 1, 1))


def added(billing: Billing, *schemes: BillingScheme, source: str = "a file") -> list[tuple[str, int]]:
    given: tuple[Given, ...] = add_schemes(billing, FIRST_COORDINATOR, schemes, source)
    return [(one.fate.value, one.revision) for one in given]


def refused(billing: Billing, *schemes: BillingScheme) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as error:
        add_schemes(billing, FIRST_COORDINATOR, schemes, "another file")
    return [(reason.code.value, reason.detail) for reason in error.value.reasons]


def test_what_nothing_uses_is_corrected_and_what_stands_is_left_alone(billing: Billing) -> None:
    assert added(billing, SCHEME, OTHER) == [("known-already", 1), ("added", 1)]
    assert added(billing, CHANGED, OTHER, source="corrected") == [("replaced", 2), ("known-already", 1)]
    assert added(billing, SCHEME, source="as before") == [("replaced", 3)]
    history = billing.stores.schemes.history()
    assert [(one.scheme.scheme_id, one.revision, one.source) for one in history] == [
        ("article-51", 1, "# 2026-1"),
        ("own-code", 1, "a file"),
        ("article-51", 2, "corrected"),
        ("article-51", 3, "as before"),
    ]
    assert [one.revision for one in billing.stores.schemes.schemes()] == [3, 1]


@pytest.mark.parametrize("claimed", [False, True], ids=["frozen", "claimed"])
def test_what_is_used_is_only_superseded(billing: Billing, store: Store, claimed: bool) -> None:  # noqa: FBT001
    write_lives(store, [Lived(1)])
    batch_id = submitted_month(billing).batch.batch_id if claimed else frozen_month(billing).batch_id
    assert refused(billing, OTHER, CHANGED) == [("scheme-in-use", "article-51 2026-1")]
    assert [one.scheme.scheme_id for one in billing.stores.schemes.schemes()] == ["article-51"], "all or nothing"
    assert added(billing, SCHEME, NEXT) == [("known-already", 1), ("added", 1)]
    if not claimed:
        reopen(billing, FIRST_COORDINATOR, batch_id)
        assert added(billing, CHANGED) == [("replaced", 2)]


def test_only_a_coordinator_of_the_sites_may(billing: Billing) -> None:
    elsewhere = SiteId("site-nowhere")
    assert refused(billing, replace(OTHER, sites=frozenset({elsewhere}))) == [("out-of-scope", elsewhere)]
    nurse = replace(FIRST_COORDINATOR, actor=replace(FIRST_COORDINATOR.actor, role=Role.NURSE))
    with pytest.raises(Refused) as error:
        add_schemes(billing, nurse, (OTHER,), "a file")
    assert [reason.code for reason in error.value.reasons] == [ReasonCode.ROLE_NOT_ALLOWED]
    assert {one.fate for one in add_schemes(billing, FIRST_COORDINATOR, (OTHER,), "x")} == {SchemeFate.ADDED}
