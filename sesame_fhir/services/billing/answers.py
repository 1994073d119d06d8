"""What the payer answers comes in: every line is recorded, known already, or refused with coded reasons.

A line is judged against the claims before anything is written. Each good one is one command whose id is made of the
claim and the payer's id: killed at any point, the same file again finishes what is left and repeats nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events.billing import ClaimAnswered, ClaimOutcome
from sesame_fhir.domain.reasons import Refused
from sesame_fhir.services.billing.acting import Trace, act, claim_in_reach, needed_claim, take_all, trace
from sesame_fhir.services.billing.incoming import AnswerFile, AnswerLine, LineCode, Unread
from sesame_fhir.services.billing.records import Import, LineFate, LineResult
from sesame_fhir.services.billing.setting import Billing, Coordinator, Progress, unheard
from sesame_fhir.services.billing.together import Act


def import_answers(
    billing: Billing, who: Coordinator, file: AnswerFile, *, all_or_nothing: bool, progress: Progress = unheard
) -> Import:
    """Record the answers of a file. The same file again repeats nothing; what was refused is judged anew.

    Args:
        billing: the use cases' setting.
        who: the coordinator; a claim of a site out of reach is unknown.
        file: as read by ``mappings.billing.incoming``.
        all_or_nothing: with one line refused, all are, and nothing is written.
        progress: told how many lines have been written.

    Raises:
        Refused: the role may not do this.
    """
    who.may("import-responses")
    today = local_day(billing.engine.clock.now())
    judged = _once_each(file.lines, [_judge(billing, who, file, line, today) for line in file.lines])
    results = [*map(unread_result, file.unread), *judged]
    if all_or_nothing and any(result.fate is LineFate.REFUSED for result in results):
        return _import(billing, who, file, map(none_kept, results))
    recorded = _record(billing, who, file.lines, judged, progress)
    came = _import(billing, who, file, [*map(unread_result, file.unread), *recorded])
    remember(billing, who, came, "import-responses")
    return came


def remember(billing: Billing, who: Coordinator, came: Import, action: str) -> None:
    """Keep what became of a file: what was recorded when the same bytes came before stays told as recorded."""
    before = billing.stores.payments.imported(came.digest)
    if before is None:
        billing.stores.payments.add_import(came)
    elif before.kind == came.kind:
        once = {result.number for result in before.results if result.fate is LineFate.RECORDED}
        results = tuple(
            replace(one, fate=LineFate.RECORDED) if one.fate is LineFate.KNOWN_ALREADY and one.number in once else one
            for one in came.results
        )
        if results != before.results:
            billing.stores.payments.add_import(replace(came, results=results))
    trace(billing, who, Trace(action, "file", {"import": came.digest}))


def unread_result(unread: Unread) -> LineResult:
    """What became of a line that could not be read."""
    return LineResult(unread.number, LineFate.REFUSED, unread.claim_id, unread.reasons, unread.detail)


def none_kept(result: LineResult) -> LineResult:
    """A good line that is left out because of others."""
    if result.fate is not LineFate.RECORDED:
        return result
    return replace(result, fate=LineFate.REFUSED, reasons=(LineCode.OTHER_LINES,))


def _import(billing: Billing, who: Coordinator, file: AnswerFile, results: Iterable[LineResult]) -> Import:
    now = billing.engine.clock.now()
    ordered = tuple(sorted(results, key=lambda result: result.number))
    return Import(file.digest, f"answers-{file.kind}", file.name, now, who.actor.actor_id, ordered)


def _once_each(lines: Sequence[AnswerLine], judged: Sequence[LineResult]) -> list[LineResult]:
    """Of good lines for the same claim: a repeated one counts once, contradictory ones do not count at all.

    Which of two answers is the last word must not depend on the order in which the lines happen to stand.
    """
    by_claim: dict[str, list[AnswerLine]] = {}
    for line, result in zip(lines, judged, strict=True):
        if result.fate is LineFate.RECORDED:
            by_claim.setdefault(line.claim_id, []).append(line)
    twice = {line.number: code for group in by_claim.values() for line, code in _twice(group)}
    return [
        _refused(line, twice[line.number]) if line.number in twice else result
        for line, result in zip(lines, judged, strict=True)
    ]


def _twice(group: list[AnswerLine]) -> Iterator[tuple[AnswerLine, LineCode]]:
    if len(group) == 1:
        return
    first = group[0]
    same = all(replace(line, number=first.number) == first for line in group)
    code = LineCode.RESPONSE_TWICE if len({line.response_id for line in group}) == 1 else LineCode.CLAIM_TWICE
    yield from ((line, code) for line in (group[1:] if same else group))


def _judge(billing: Billing, who: Coordinator, file: AnswerFile, line: AnswerLine, today: date) -> LineResult:
    row = claim_in_reach(billing, who, line.claim_id)
    if row is None:
        return _refused(line, LineCode.UNKNOWN_CLAIM)
    if _batch_wrong(row.claim, line.batch_id, file.batch_id):
        return _refused(line, LineCode.OTHER_BATCH)
    known = next((one for one in row.claim.answers if one.response_id == line.response_id), None)
    if known is not None:
        if known == _answer(line):
            return LineResult(line.number, LineFate.KNOWN_ALREADY, line.claim_id)
        return _refused(line, LineCode.ANSWER_ALREADY_RECORDED)
    codes = tuple(_against(row.claim, line, today))
    return _refused(line, *codes) if codes else LineResult(line.number, LineFate.RECORDED, line.claim_id)


def _batch_wrong(claim: Claim, *named: str | None) -> bool:
    own = None if claim.terms is None else claim.terms.batch_id
    return any(batch_id is not None and batch_id != own for batch_id in named)


def _against(claim: Claim, line: AnswerLine, today: date) -> Iterator[LineCode]:
    if not claim.live:
        yield LineCode.CLAIM_CLOSED
    if line.on > today:
        yield LineCode.DATE_IN_FUTURE
    if line.on < claim.billed_on:
        yield LineCode.BEFORE_CLAIM
    rejected = line.outcome is ClaimOutcome.REJECTED
    if rejected and not line.reasons:
        yield LineCode.REASON_MISSING
    if not rejected and line.amount is None:
        yield LineCode.AMOUNT_MISSING
    expected = ZERO if rejected else claim.amount
    if line.amount not in {None, expected} or (line.announced or ZERO) > expected:
        yield LineCode.AMOUNT_DIFFERS


def _answer(line: AnswerLine) -> ClaimAnswered:
    accepted = line.outcome is ClaimOutcome.ACCEPTED
    amount = line.amount if accepted else (None if line.amount is None else ZERO)
    return ClaimAnswered(line.claim_id, line.response_id, line.outcome, line.on, amount, line.reasons)


def _refused(line: AnswerLine, *codes: LineCode) -> LineResult:
    return LineResult(line.number, LineFate.REFUSED, line.claim_id, codes)


def _record(
    billing: Billing, who: Coordinator, lines: Sequence[AnswerLine], judged: Sequence[LineResult], progress: Progress
) -> list[LineResult]:
    """Write the lines that were found good; what changed since then may still stand against one."""
    good = [line for line, result in zip(lines, judged, strict=True) if result.fate is LineFate.RECORDED]
    acts = (_act(billing, who, line) for line in good)
    outcomes = dict(zip((line.number for line in good), take_all(billing, acts, len(good), progress), strict=True))
    return [refused_by(outcomes.get(result.number), result) for result in judged]


def _act(billing: Billing, who: Coordinator, line: AnswerLine) -> Act:
    return act(billing, who, needed_claim(billing, who, line.claim_id), _answer(line), line.response_id)


def refused_by(refused: Refused | None, result: LineResult) -> LineResult:
    """What became of a line that a rule may have refused at the last moment."""
    if refused is None:
        return result
    reasons = tuple(reason.code.value for reason in refused.reasons)
    return replace(result, fate=LineFate.REFUSED, reasons=reasons)
