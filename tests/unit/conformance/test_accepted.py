"""The list of accepted messages is read strictly, and says what it covers and what it does not."""

import pytest

from tests.conformance import accepted
from tests.conformance.sample import Said, Sample, Verdict

PATIENT = Sample("cohort", "Patient/1", b'{"resourceType":"Patient"}')
NARRATIVE = """
[[accepted]]
severity = "warning"
message = "dom-6"
where = "^cohort/"
reason = "no narrative"
"""


def said(severity: str, text: str) -> Said:
    return Said(severity, "ID", "Patient", text)


def test_the_list_of_the_checkout_is_usable_and_each_entry_has_its_own_pattern() -> None:
    lists = accepted.load(accepted.FILE.read_text(encoding="utf-8"))
    patterns = [(one.severity, one.message.pattern, one.where.pattern) for one in lists.accepted + lists.differences]
    assert len(set(patterns)) == len(patterns)


# severity and text of a message, origin | covered
MESSAGES = [
    ("warning", "Constraint failed: dom-6", "cohort", True),
    ("error", "Constraint failed: dom-6", "cohort", False),
    ("information", "Constraint failed: dom-6", "cohort", False),
    ("warning", "Constraint failed: dom-3", "cohort", False),
    ("warning", "Constraint failed: dom-6", "golden", False),
]


@pytest.mark.parametrize(("severity", "text", "origin", "covered"), MESSAGES)
def test_an_entry_covers_its_severity_its_text_and_its_place(
    severity: str, text: str, origin: str, *, covered: bool
) -> None:
    [entry] = accepted.load(NARRATIVE).accepted
    assert entry.covers(Sample(origin, "Patient/1", PATIENT.body), said(severity, text)) is covered


def test_messages_are_counted_by_reason_and_the_rest_is_to_be_acted_on() -> None:
    entries = accepted.load(NARRATIVE + NARRATIVE.replace("dom-6", "never").replace("no narrative", "unused")).accepted
    verdicts = [Verdict(PATIENT, [said("warning", "dom-6"), said("warning", "dom-6"), said("error", "bad")])]
    found = accepted.sort(verdicts, entries)
    assert found.by_reason == {"no narrative": 2}
    assert [one.text for _, one in found.faults] == ["bad"]
    assert [entry.reason for entry in found.unused] == ["unused"]


BAD = {
    "not TOML": "[[accepted]",
    "an error is never accepted": NARRATIVE.replace('"warning"', '"error"'),
    r"missing \['reason'\]": NARRATIVE.replace("no narrative", " "),
    r"missing \['severity'\]": NARRATIVE.replace('severity = "warning"', ""),
    r"unknown \['because'\]": NARRATIVE + 'because = "x"',
    "accepted 1: ": NARRATIVE.replace("dom-6", "dom-("),
    r"unknown tables \['ignored'\]": NARRATIVE.replace("[[accepted]]", "[[ignored]]"),
    r"difference 1: unknown \[\], missing \['reason'\]": '[[difference]]\nmessage = "x"',
}


@pytest.mark.parametrize("why", BAD)
def test_a_list_that_is_not_usable_says_why(why: str) -> None:
    with pytest.raises(accepted.BadListError, match=why):
        accepted.load(BAD[why])
