"""What is to be done is said, one line each; what has a reason is counted under it."""

import json
from collections.abc import Sequence

import pytest

from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity
from tests.conformance import accepted
from tests.conformance.report import Findings
from tests.conformance.sample import Expected, Said, Sample, Verdict
from tests.conformance.verdicts import Agreement, Compared, our_errors

OURS = Issue(Severity.ERROR, IssueType.VALUE, "Non.", ("Patient.id",))
THEIRS = Said("error", "ID", "Patient.id", "Bad id")
WHY = accepted.load('[[difference]]\nmessage = "Bad id"\nwhere = "bad id at"\nreason = "because"').differences


def compared(expected: Expected, *, reference: bool, ours: bool, note: str = "bad id at id") -> Compared:
    sample = Sample("mutant", "1-Patient", b'{"resourceType":"Patient"}', expected=expected, note=note)
    return Compared(Verdict(sample, [THEIRS] if reference else []), [OURS] if ours else [])


def findings(one: Compared, differences: Sequence[accepted.Accepted] = ()) -> Findings:
    clean = [one.verdict] if one.verdict.sample.expected is Expected.CLEAN else []
    return Findings([one.verdict], accepted.sort(clean, []), [one], differences)


# the reference validator refuses | we refuse | agreement
AGREEMENTS = [
    (False, False, Agreement.BOTH_ACCEPT),
    (True, True, Agreement.BOTH_REFUSE),
    (True, False, Agreement.ONLY_REFERENCE_REFUSES),
    (False, True, Agreement.ONLY_WE_REFUSE),
]


@pytest.mark.parametrize(("reference", "ours", "agreement"), AGREEMENTS)
def test_four_verdicts(*, reference: bool, ours: bool, agreement: Agreement) -> None:
    assert compared(Expected.EITHER, reference=reference, ours=ours).agreement is agreement


# expected | the reference validator refuses | we refuse | what is to be done
TO_DO = [
    (Expected.CLEAN, False, False, None),
    (Expected.CLEAN, True, True, "error: mutant/1-Patient Patient.id: Bad id [ID]"),
    (Expected.CLEAN, False, True, "we refuse what is clean"),
    (Expected.REFUSED, True, True, None),
    (Expected.REFUSED, False, True, "must be refused, is accepted"),
    (Expected.EITHER, False, False, None),
    (Expected.EITHER, False, True, None),
    (Expected.EITHER, True, False, "we accept: 1-Patient (bad id at id): Patient.id: Bad id [ID]"),
]


@pytest.mark.parametrize(("expected", "reference", "ours", "what"), TO_DO)
def test_what_is_to_be_done(expected: Expected, what: str | None, *, reference: bool, ours: bool) -> None:
    found = findings(compared(expected, reference=reference, ours=ours))
    assert bool(found.faults) is (what is not None)
    assert what is None or found.faults[0].startswith(what)
    assert f"## To act on: {len(found.faults)}" in list(found.lines())


def test_a_difference_with_a_reason_is_counted_under_it_and_an_unused_reason_is_told() -> None:
    found = findings(compared(Expected.EITHER, reference=True, ours=False), WHY)
    assert found.faults == []
    assert "| because | 1 |" in list(found.lines())
    other = findings(compared(Expected.EITHER, reference=True, ours=False, note="otherwise"), WHY)
    assert len(other.faults) == 2


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b'{"resourceType":"Patient","id":"1"}', False),
        (b'{"resourceType":"Patient","id":"a b"}', True),
        (b'{"resourceType":"Patient","id":"1","id":"1"}', True),
    ],
)
def test_our_verdict_is_the_facades(body: bytes, *, refused: bool) -> None:
    assert bool(our_errors(Sample("test", "1", body))) is refused


def test_a_sample_is_one_line_that_holds_its_very_bytes() -> None:
    body = b'{"resourceType":"Observation","valueQuantity":{"value":1.50}}'
    one = Sample("test", "a", body, ("https://a",))
    assert one.line().endswith(b"\n")
    assert body in one.line()
    assert json.loads(one.line())["profiles"] == ["https://a"]
    assert Sample("test", "a", body.replace(b"1.50", b"1.5"), ("https://a",)).id != one.id
    assert Sample("test", "a", body).id != one.id
