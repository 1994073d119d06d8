"""What a whole run found, as a page: counts, messages by reason, the table of verdicts, and what is to be done."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sesame_fhir.fhir.structure import known_types
from tests.conformance.accepted import Accepted, Sorted
from tests.conformance.sample import Expected, Said, Verdict
from tests.conformance.verdicts import Agreement, Compared


@dataclass(frozen=True)
class Findings:
    """``messages`` are those on resources that must be clean; ``compared`` holds every sample that was judged."""

    verdicts: Sequence[Verdict]
    messages: Sorted
    compared: Sequence[Compared]
    differences: Sequence[Accepted]
    header: str = ""

    @cached_property
    def wrong(self) -> list[Compared]:
        """Mutants, and examples that break a rule: the resources on which verdicts are compared."""
        return [one for one in self.compared if one.verdict.sample.expected is not Expected.CLEAN]

    @cached_property
    def only_reference(self) -> list[tuple[Compared, Said, Accepted | None]]:
        """What the reference validator alone refuses: an error without a reason, or the last one with its reason."""
        return [
            (one, *self._weightiest(one)) for one in self.wrong if one.agreement is Agreement.ONLY_REFERENCE_REFUSES
        ]

    def _weightiest(self, one: Compared) -> tuple[Said, Accepted | None]:
        errors = [
            (said, next((entry for entry in self.differences if _covers(entry, one, said)), None))
            for said in one.verdict.said
            if said.refuses
        ]
        return next(((said, why) for said, why in errors if why is None), errors[-1])

    @cached_property
    def faults(self) -> list[str]:
        """Everything to act on, one line each; none when all is well."""
        return list(self._faults())

    def _faults(self) -> Iterator[str]:
        for sample, said in self.messages.faults:
            yield f"{said.severity}: {sample.origin}/{sample.name} {said.expression}: {said.text} [{said.message_id}]"
        for entry in self.messages.unused:
            yield f"entry of the list that nothing matches: {entry.message.pattern}"
        used = {id(why) for _, _, why in self.only_reference}
        for entry in self.differences:
            if id(entry) not in used:
                yield f"difference of the list that nothing matches: {entry.message.pattern}"
        for verdict in self.verdicts:
            if verdict.sample.expected is Expected.REFUSED and not verdict.refused:
                yield f"must be refused, is accepted: {verdict.sample.origin}/{verdict.sample.name}"
        for one, said, why in self.only_reference:
            if why is None:
                sample = one.verdict.sample
                yield f"we accept: {sample.name} ({sample.note}): {said.expression}: {said.text} [{said.message_id}]"
        for compared in self.compared:
            yield from _refused_by_us(compared)

    def lines(self) -> Iterator[str]:
        """The page, as Markdown."""
        yield from ("# Conformance", "", self.header, "")
        yield from _table("resources judged", self._judged())
        yield from _table("on resources that must be clean", self._severities())
        yield from _table("accepted messages by reason", self.messages.by_reason.most_common())
        yield from _table("wrong resources: verdicts", self._agreements())
        reasons = Counter(why.reason for _, _, why in self.only_reference if why is not None)
        yield from _table("only the reference validator refuses, because", reasons.most_common())
        yield from _table("only we refuse, because", self._our_reasons().most_common())
        yield f"## To act on: {len(self.faults)}"
        yield ""
        yield from (f"- {fault}" for fault in self.faults)

    def _judged(self) -> list[tuple[str, int]]:
        kinds = Counter(_origin(one) for one in self.verdicts)
        types = Counter(one.sample.resource_type for one in self.verdicts if one.sample.expected is Expected.CLEAN)
        return [*sorted(kinds.items()), *((f"clean {kind}", count) for kind, count in sorted(types.items()))]

    def _severities(self) -> list[tuple[str, int]]:
        faults = Counter(said.severity for _, said in self.messages.faults)
        wanted = ("fatal", "error", "warning", "information")
        accepted = self.messages.by_reason.total()
        return [*((f"{severity}, not accepted", faults[severity]) for severity in wanted), ("accepted", accepted)]

    def _agreements(self) -> list[tuple[str, int]]:
        counts = Counter((one.verdict.sample.origin == "mutant", one.agreement) for one in self.wrong)
        return [
            (f"{'mutants' if mutant else 'examples that break a rule'}: {agreement}", counts[mutant, agreement])
            for mutant in (True, False)
            for agreement in Agreement
        ]

    def _our_reasons(self) -> Counter[str]:
        alone = (one for one in self.wrong if one.agreement is Agreement.ONLY_WE_REFUSE)
        return Counter(one.ours[0].rule or one.ours[0].diagnostics for one in alone)


def _origin(one: Verdict) -> str:
    name = one.sample.origin
    return f"{name}, to be refused" if one.sample.expected is Expected.REFUSED else name


def _covers(entry: Accepted, one: Compared, said: Said) -> bool:
    """A difference's ``where`` may also name the mutation."""
    place = f"{one.verdict.sample.origin}/{one.verdict.sample.name} {said.expression} {one.verdict.sample.note}"
    return entry.message.search(said.text) is not None and entry.where.search(place) is not None


def _refused_by_us(one: Compared) -> Iterator[str]:
    """What is published must pass our own door too; types that we do not take at all are no matter of it."""
    sample = one.verdict.sample
    if sample.expected is Expected.CLEAN and one.ours and sample.resource_type in known_types():
        first = one.ours[0]
        yield f"we refuse what is clean: {sample.origin}/{sample.name} {first.expression}: {first.diagnostics}"


def _table(title: str, rows: Sequence[tuple[str, int]]) -> Iterator[str]:
    yield from (f"| {title} | |", "|---|---:|")
    yield from (f"| {name} | {count:,} |" for name, count in rows)
    yield ""
