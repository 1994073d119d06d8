"""What may be billed, seen by a coordinator: verdicts with their reasons, filtered, by pages, counted."""

from dataclasses import replace
from datetime import date

import pytest

from sesame_fhir.domain.billing.decision import BillingCode, Verdict
from sesame_fhir.domain.billing.money import euros
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.assessing import Assessed, Question, assess, assessed_page, summary
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.storage import Store
from tests.support.billing import FIRST_COORDINATOR, OTHER_SITE, SITES, TODAY, Lived, write_lives
from tests.support.story import NURSE, SITE

UNTIL = date(2026, 6, 30)
FINE, FEW, RUNS = Lived(1), Lived(2, contacts=1), Lived(3, end=None)
CUT, NO_INS, AGAINST_IT = Lived(4, end=date(2026, 4, 20)), Lived(5, ins=False, site=OTHER_SITE), Lived(6, agreed=False)
LATER = Lived(7, start=date(2026, 4, 2), end=date(2026, 7, 2))
EVERYBODY = (FINE, FEW, RUNS, CUT, NO_INS, AGAINST_IT, LATER)

BILLABLE, NOT_YET = Verdict.BILLABLE, Verdict.NOT_YET


@pytest.fixture(autouse=True)
def _lives(store: Store) -> None:
    write_lives(store, EVERYBODY)


def told(one: Assessed) -> tuple[int, Verdict, tuple[str, ...]]:
    number = int(one.facts.pathway_id[-12:], 16)
    return number, one.decision.verdict, tuple(reason.code for reason in one.decision.against)


def test_every_sequence_that_ended_is_decided_with_its_reasons(billing: Billing) -> None:
    assert [told(one) for one in assess(billing, FIRST_COORDINATOR, UNTIL, TODAY)] == [
        (1, BILLABLE, ()),
        (2, NOT_YET, (BillingCode.TOO_FEW_CONTACTS,)),
        (4, BILLABLE, ()),
        (5, NOT_YET, (BillingCode.NO_INS,)),
        (6, NOT_YET, (BillingCode.NO_CONSENT,)),
    ]


def test_what_still_runs_is_shown_when_asked_for(billing: Billing) -> None:
    found = [told(one) for one in assess(billing, FIRST_COORDINATOR, UNTIL, TODAY, unfinished=True)]
    assert (3, NOT_YET, (BillingCode.NOT_FINISHED,)) in found
    assert 7 not in {number for number, *_ in found}


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        (Question(UNTIL), [1, 2, 4, 5, 6]),
        (Question(date(2026, 5, 31)), [4]),
        (Question(UNTIL, verdict=BILLABLE), [1, 4]),
        (Question(UNTIL, reason=BillingCode.INTERRUPTED_PRO_RATA), [4]),
        (Question(UNTIL, reason=BillingCode.NO_INS, verdict=BILLABLE), []),
        (Question(UNTIL, site=OTHER_SITE), [5]),
        (Question(UNTIL, unfinished=True, reason=BillingCode.NOT_FINISHED), [3]),
        (Question(UNTIL, scheme="article-51"), [1, 2, 4, 5, 6]),
        (Question(UNTIL, scheme=""), []),
    ],
)
def test_pages_of_a_question(billing: Billing, question: Question, numbers: list[int]) -> None:
    found, after = list[int](), None
    while True:
        page = assessed_page(billing, FIRST_COORDINATOR, question, TODAY, after=after, limit=2)
        assert len(page.rows) <= 2
        found += [told(one)[0] for one in page.rows]
        if (after := page.next) is None:
            break
    assert found == numbers


def test_a_page_gives_up_after_many_that_do_not_answer(billing: Billing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sesame_fhir.services.billing.assessing._LOOKED_AT", 2)
    question = Question(UNTIL, reason=BillingCode.NO_CONSENT)
    first = assessed_page(billing, FIRST_COORDINATOR, question, TODAY)
    assert (first.rows, first.next) == ((), (FEW.pathway_id, 1))
    last = assessed_page(billing, FIRST_COORDINATOR, question, TODAY, after=(NO_INS.pathway_id, 1))
    assert ([told(one)[0] for one in last.rows], last.next) == ([6], None)


def test_counts_and_sums(billing: Billing) -> None:
    found = summary(billing, FIRST_COORDINATOR, Question(UNTIL), TODAY)
    cut = euros(f"{300 * 50 / 92:.4f}")
    assert {verdict: (one.count, one.amount) for verdict, one in found.by_verdict.items()} == {
        BILLABLE: (2, 300 + cut),
        NOT_YET: (3, euros(900)),
        Verdict.NEVER: (0, euros(0)),
    }
    assert found.by_reason[BillingCode.FINISHED].count == 5
    assert found.by_reason[BillingCode.NO_INS].amount == euros(300)
    assert {site: {v: t.count for v, t in by.items()} for site, by in found.by_site.items()} == {
        SITE: {BILLABLE: 2, NOT_YET: 2},
        OTHER_SITE: {NOT_YET: 1},
    }
    assert found.by_scheme["article-51"][BILLABLE].share == found.by_verdict[BILLABLE].share


def test_only_the_sites_in_reach_are_seen(billing: Billing) -> None:
    here = replace(FIRST_COORDINATOR, sites=frozenset({OTHER_SITE}))
    assert [told(one)[0] for one in assess(billing, here, UNTIL, TODAY)] == [5]
    with pytest.raises(Refused) as refused:
        assess(billing, here, UNTIL, TODAY, site=SITE)
    assert [reason.code for reason in refused.value.reasons] == [ReasonCode.OUT_OF_SCOPE]


def test_a_nurse_bills_nothing(billing: Billing) -> None:
    with pytest.raises(Refused) as refused:
        summary(billing, Coordinator(NURSE, SITES), Question(UNTIL), TODAY)
    assert [reason.code for reason in refused.value.reasons] == [ReasonCode.ROLE_NOT_ALLOWED]
