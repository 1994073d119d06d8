"""Good answers: kept once, in whatever order and as often as they come; what was rejected comes back to work."""

from collections.abc import Callable
from itertools import permutations

import pytest

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.fhir_answers import read_fhir_answers
from mappings.billing.incoming.payments import read_payments
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.decision import Verdict
from sesame_fhir.domain.events.billing import RejectionReason
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.incoming import AnswerFile, LineCode
from sesame_fhir.services.billing.payments import reconcile
from sesame_fhir.services.billing.records import ClaimQuery, LineFate
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.billing.work_list import work_list
from sesame_fhir.storage import Store
from tests.support.answered import ANSWER_HEAD, accepted, answers, bundle, claim_of, refusal, rejected, response
from tests.support.billed import BATCH_ID
from tests.support.billing import FIRST_COORDINATOR, OTHER_SITE, SITES, Lived, many, submitted_month, write_lives
from tests.support.story import NURSE

RECORDED, KNOWN, REFUSED = LineFate.RECORDED, LineFate.KNOWN_ALREADY, LineFate.REFUSED
WAITS, YES, NO = ClaimStatus.SUBMITTED, ClaimStatus.ACCEPTED, ClaimStatus.REJECTED


@pytest.fixture(autouse=True)
def _claims(store: Store, billing: Billing) -> None:
    write_lives(store, many(3))
    submitted_month(billing)


def today(**changes: str) -> dict[str, str]:
    """Claims are made on 1 July, and this is still the day."""
    return {"date": "2026-07-01", **changes}


GOOD = answers(accepted(1, **today()), rejected(2, **today()), accepted(3, **today()))
BUNDLE = bundle(response(1, created="2026-07-01"), refusal(2, created="2026-07-01T09:30:00+02:00"))


def fates(billing: Billing, file: AnswerFile, *, all_or_nothing: bool = False) -> list[LineFate]:
    came = import_answers(billing, FIRST_COORDINATOR, file, all_or_nothing=all_or_nothing)
    return [result.fate for result in came.results]


def statuses(billing: Billing) -> list[ClaimStatus]:
    return [row.status for row in billing.stores.claims.claims(ClaimQuery())]


def events(billing: Billing) -> int:
    return sum(len(billing.engine.pathways.history(Lived(number).pathway_id)) for number in (1, 2, 3))


def csv(data: bytes) -> AnswerFile:
    return read_answers(data, "answers.csv")


def test_each_answer_is_kept_and_the_same_file_again_changes_nothing(billing: Billing) -> None:
    assert fates(billing, csv(GOOD)) == [RECORDED] * 3
    assert statuses(billing) == [YES, NO, YES]
    before = events(billing)
    assert fates(billing, csv(GOOD)) == [KNOWN] * 3
    assert fates(billing, csv(GOOD), all_or_nothing=True) == [KNOWN] * 3
    assert events(billing) == before
    kept = billing.stores.payments.imported(csv(GOOD).digest)
    assert kept is not None
    assert (kept.kind, kept.name, len(kept.results)) == ("answers-csv", "answers.csv", 3)


def test_the_payers_words_are_kept_as_they_came(billing: Billing) -> None:
    fates(billing, csv(GOOD))
    row = billing.stores.claims.claim(claim_of(2))
    assert row is not None
    assert row.claim.answers[-1].reasons == (RejectionReason("INC-07", "Droits non retrouvés"),)


def test_a_bundle_says_the_same_as_the_table_and_either_after_the_other_is_known(billing: Billing) -> None:
    assert fates(billing, read_fhir_answers(BUNDLE, "answers.json")) == [RECORDED] * 2
    assert statuses(billing) == [YES, NO, WAITS]
    assert fates(billing, csv(GOOD)) == [KNOWN, KNOWN, RECORDED]


VARIANTS: dict[str, Callable[[], bytes]] = {
    "a byte order mark": lambda: b"\xef\xbb\xbf" + GOOD,
    "Unix line ends": lambda: GOOD.replace(b"\r\n", b"\n"),
    "blank lines": lambda: GOOD.replace(b"\r\n", b"\r\n\r\n") + b";;;;;;;;\r\n",
    "blanks around cells": lambda: GOOD.replace(b";", b" ; "),
    "a header in capitals": lambda: GOOD.replace(GOOD.split(b"\r\n")[0], GOOD.split(b"\r\n")[0].upper()),
    "columns in another order": lambda: answers(
        accepted(1, **today()), rejected(2, **today()), accepted(3, **today()), head=ANSWER_HEAD[::-1]
    ),
    "without the batch": lambda: answers(
        *(make(n, **today(batch="")) for n, make in ((1, accepted), (2, rejected), (3, accepted)))
    ),
    "in quotes": lambda: GOOD.replace(b"Droits non retrouv\xc3\xa9s", '"Droits ; ""non"" retrouvés"'.encode()),
    "amounts without cents": lambda: GOOD.replace(b"300,00", b"300"),
    "a rejection of nothing": lambda: answers(
        accepted(1, **today()), rejected(2, **today(amount="0,00")), accepted(3, **today())
    ),
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_what_says_the_same_is_read_as_the_same(billing: Billing, variant: Callable[[], bytes]) -> None:
    assert fates(billing, csv(variant())) == [RECORDED] * 3
    assert statuses(billing) == [YES, NO, YES]


def test_lines_come_in_any_order(billing: Billing) -> None:
    head, *lines = GOOD.splitlines(keepends=True)
    orders = [csv(head + b"".join(order)) for order in permutations(lines)]
    assert all(not file.unread for file in orders)
    assert fates(billing, orders[-1]) == [RECORDED] * 3
    assert statuses(billing) == [YES, NO, YES]


MIXED = answers(accepted(1, **today()), accepted(2, **today(amount="1,00")), accepted(3, **today()))


def test_good_lines_are_kept_beside_bad_ones(billing: Billing) -> None:
    assert fates(billing, csv(MIXED)) == [RECORDED, REFUSED, RECORDED]
    assert statuses(billing) == [YES, WAITS, YES]


def test_what_is_kept_of_a_file_is_its_last_word(billing: Billing) -> None:
    """The second line was refused for its site, and is recorded by a coordinator who reaches it."""
    one_site = Coordinator(FIRST_COORDINATOR.actor, SITES - {OTHER_SITE})
    import_answers(billing, one_site, csv(GOOD), all_or_nothing=False)
    assert kept_fates(billing) == [RECORDED, RECORDED, REFUSED]
    for _ in range(2):
        fates(billing, csv(GOOD))
        assert kept_fates(billing) == [RECORDED] * 3


def test_the_same_bytes_brought_as_payments_change_nothing(billing: Billing) -> None:
    fates(billing, csv(GOOD))
    reconcile(billing, FIRST_COORDINATOR, read_payments(GOOD, "answers.csv"))
    assert kept_fates(billing) == [RECORDED] * 3


def kept_fates(billing: Billing) -> list[LineFate]:
    (kept,) = billing.stores.payments.imports()
    return [result.fate for result in kept.results]


def test_who_brought_a_file_is_in_the_audit_log(store: Store, billing: Billing) -> None:
    fates(billing, csv(GOOD))
    entries = [entry for entry in store.audit.entries(50) if entry.action == "import-responses"]
    assert [(entry.actor_id, entry.extra) for entry in entries] == [("coord-1", {"import": csv(GOOD).digest})]


def test_all_or_nothing_leaves_everything_as_it_was(billing: Billing) -> None:
    before = events(billing)
    came = import_answers(billing, FIRST_COORDINATOR, csv(MIXED), all_or_nothing=True)
    assert [result.reasons for result in came.results] == [
        (LineCode.OTHER_LINES,),
        (LineCode.AMOUNT_DIFFERS,),
        (LineCode.OTHER_LINES,),
    ]
    assert (events(billing), billing.stores.payments.imports()) == (before, ())


def test_a_file_that_was_stopped_half_way_goes_on(billing: Billing) -> None:
    """As after a crash: some of its answers are recorded, the file itself is not."""
    fates(billing, csv(answers(accepted(1, **today()))))
    assert fates(billing, csv(GOOD), all_or_nothing=True) == [KNOWN, RECORDED, RECORDED]
    assert statuses(billing) == [YES, NO, YES]


def test_a_known_response_with_other_values_is_refused(billing: Billing) -> None:
    fates(billing, csv(GOOD))
    came = import_answers(
        billing, FIRST_COORDINATOR, csv(answers(rejected(1, **today()), rejected(2, **today()))), all_or_nothing=False
    )
    assert [result.reasons for result in came.results] == [(LineCode.ANSWER_ALREADY_RECORDED,), ()]


def test_the_payer_may_change_its_mind_until_it_has_rejected(billing: Billing) -> None:
    fates(billing, csv(GOOD))
    after = answers(rejected(1, **today(response="R-11")), accepted(2, **today(response="R-12")))
    came = import_answers(billing, FIRST_COORDINATOR, csv(after), all_or_nothing=False)
    assert [result.reasons for result in came.results] == [(), (LineCode.CLAIM_CLOSED,)]
    assert statuses(billing) == [NO, NO, YES]


def test_a_rejected_claim_is_on_the_work_list_until_its_sequence_is_claimed_again(billing: Billing) -> None:
    fates(billing, csv(GOOD))
    (one,) = work_list(billing, FIRST_COORDINATOR).rows
    assert one.row.claim.claim_id == claim_of(2)
    assert one.answer.reasons[0].code == "INC-07"
    assert one.decision.verdict is Verdict.BILLABLE
    submitted_month(billing, "2026-07")
    assert work_list(billing, FIRST_COORDINATOR).rows == ()
    again = billing.stores.claims.claim(claim_of(2, attempt=2))
    assert again is not None
    assert again.claim.terms is not None
    assert (again.claim.terms.replaces, again.claim.terms.batch_id != BATCH_ID) == (claim_of(2), True)


def test_the_work_list_comes_by_pages_and_of_ones_own_sites(billing: Billing) -> None:
    fates(billing, csv(answers(*(rejected(number, **today()) for number in (1, 2, 3)))))
    first = work_list(billing, FIRST_COORDINATOR, limit=2)
    rest = work_list(billing, FIRST_COORDINATOR, after=first.next, limit=2)
    assert [one.row.claim.claim_id for one in (*first.rows, *rest.rows)] == [claim_of(n) for n in (1, 2, 3)]
    assert rest.next is None
    assert work_list(billing, Coordinator(FIRST_COORDINATOR.actor, frozenset())).rows == ()


def test_only_a_coordinator_brings_answers(billing: Billing) -> None:
    with pytest.raises(Refused) as refused:
        import_answers(billing, Coordinator(NURSE, SITES), csv(GOOD), all_or_nothing=False)
    assert [reason.code for reason in refused.value.reasons] == [ReasonCode.ROLE_NOT_ALLOWED]
    assert statuses(billing) == [WAITS] * 3
