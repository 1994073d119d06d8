"""Candidates: every sequence that no claim holds, with the reasons for and against; one of them, to be completed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask import redirect, request
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.billing.decision import BillingCode, Verdict, decide
from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.identifiers import InsNature
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.services.billing.assessing import Key, Question, assessed_page, schemes_of
from sesame_fhir.services.coverage import complete_coverage, coverage_from
from sesame_fhir.services.engine import Command
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.identity import record_ins
from smart_app.team.attempts import Trouble
from smart_app.team.billing.desk import Desk, desk_of, show
from smart_app.team.billing.months import month_asked
from smart_app.team.billing.texts import FIELDS
from smart_app.team.billing.tried import tried
from smart_app.team.context import TeamContext
from smart_app.team.drafts import load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import Posted, read_posted

COVERAGE, INS = "billing-coverage:{case}", "billing-ins:{case}"
"""Drafts of the two forms of a candidate."""

_ROWS = 50
_SEE_OTHER = 303
_LONGEST_CODE = 10
_WAITING = ("7", "8")
"""First character of a number given while waiting (NIA)."""
E_ = TypeVar("E_", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a reason against is corrected. ``here``: the anchor of a form of this page; else whose page it is."""

    here: str | None = None
    page: str | None = None


SOURCES: Mapping[BillingCode, Source] = {
    BillingCode.NO_INS: Source(here="ins"),
    BillingCode.NO_COVERAGE: Source(here="coverage"),
    BillingCode.NO_CONSENT: Source(page="show_consents"),
    BillingCode.TOO_FEW_CONTACTS: Source(page="show_patient"),
    BillingCode.OUTSIDE_SCHEME: Source(page="show_schemes"),
    BillingCode.SCHEME_AMBIGUOUS: Source(page="show_schemes"),
    BillingCode.NO_BILLER: Source(page="show_schemes"),
    BillingCode.NO_TARIFF: Source(page="show_schemes"),
}
"""Reason against -> where it is corrected; a reason that is not here passes with time, or for good."""


def show_candidates(page: TeamContext) -> str:
    """A page of the sequences that the address asks for. Raises NotFound for an address that is not ours."""
    desk = desk_of(page)
    month = month_asked(desk)
    verdict, reason = _one(Verdict, request.args.get("verdict")), _one(BillingCode, request.args.get("reason"))
    scheme = request.args.get("scheme")
    question = Question(month.last, "unfinished" in request.args, verdict, reason, desk.site_asked(), scheme)
    found = assessed_page(desk.billing, desk.who, question, desk.today, after=_after(), limit=_ROWS)
    return show(
        desk,
        "candidates.html",
        month=month,
        question=question,
        rows=found.rows,
        following=None if found.next is None else f"{found.next[0]}:{found.next[1]}",
        parameters=_parameters(str(month), question),
        codes=tuple(BillingCode),
    )


def show_sequence(page: TeamContext, case: str, rank: str) -> str:
    """One sequence: what the rules say of it, and what can be completed here. Raises NotFound."""
    return _sequence(page, case, rank, None)


def post_coverage(page: TeamContext, case: str, rank: str) -> ResponseReturnValue:
    """Record the patient's insurance: régime, caisse, centre, 100 %."""
    desk = desk_of(page)
    facts = _facts(desk, case, rank)
    posted = read_posted(page, case)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, desk.today)
        codes = [fields.text(name, _LONGEST_CODE) or "" for name in ("regime", "fund", "centre")]
        fields.check()
        coverage = coverage_from(*codes, full={"yes": True, "no": False}.get(fields.raw("full")))
        complete_coverage(desk.billing, desk.who, posted.command.command_id, facts.pathway_id, coverage)
        return _back(page, case, rank)

    return tried(page, COVERAGE.format(case=case), act, lambda trouble: _sequence(page, case, rank, trouble))


def post_ins(page: TeamContext, case: str, rank: str) -> ResponseReturnValue:
    """Add the INS that was missing."""
    desk = desk_of(page)
    facts = _facts(desk, case, rank)
    posted = read_posted(page, case)

    def act() -> ResponseReturnValue:
        matricule = posted.text("matricule") or ""
        nature = InsNature.NIA if matricule.lstrip().startswith(_WAITING) else InsNature.NIR
        record_ins(page.deps.engine, _command(posted, facts), facts.pathway_id, matricule, nature)
        return _back(page, case, rank)

    return tried(page, INS.format(case=case), act, lambda trouble: _sequence(page, case, rank, trouble))


def nurse_of(facts: SequenceFacts) -> str | None:
    """Who follows the patient, to be asked for a correction."""
    return next((member.name for member in facts.team if member.role is Role.NURSE), None)


def _sequence(page: TeamContext, case: str, rank: str, trouble: Trouble | None) -> str:
    desk = desk_of(page)
    facts = _facts(desk, case, rank)
    page.trace("view-billing", "sequence", facts.pathway_id)
    return show(
        desk,
        "sequence.html",
        facts=facts,
        decision=decide(facts, schemes_of(desk.billing), desk.today),
        nurse=nurse_of(facts),
        sources=SOURCES,
        trouble=trouble,
        typed=load_draft(page, COVERAGE.format(case=case)),
        typed_ins=load_draft(page, INS.format(case=case)),
        field_text=FIELDS,
    )


def _facts(desk: Desk, case: str, rank: str) -> SequenceFacts:
    """The sequence of an address, at one of the coordinator's sites. Raises NotFound."""
    if not _is_rank(rank):
        raise NotFound("rank")
    facts = desk.billing.stores.sequences.sequence(PathwayId(case), int(rank))
    if facts is None or facts.site not in desk.who.sites:
        raise NotFound("sequence")
    return facts


def _command(posted: Posted, facts: SequenceFacts) -> Command:
    """The form as a command on this patient's pathway, of which nothing else is in a coordinator's reach."""
    asked = posted.command
    scope = Scope(opened=frozenset({facts.pathway_id}))
    return Command(asked.command_id, asked.actor, facts.site, asked.occurred_at, scope=scope)


def _back(page: TeamContext, case: str, rank: str) -> ResponseReturnValue:
    return redirect(page.url("show_sequence", case=case, rank=rank), _SEE_OTHER)


def _one(kind: type[E_], value: str | None) -> E_ | None:
    return next((known for known in kind if known.value == value), None)


def _after() -> Key | None:
    pathway_id, _, rank = request.args.get("after", "").rpartition(":")
    return (PathwayId(pathway_id), int(rank)) if pathway_id and _is_rank(rank) else None


def _is_rank(text: str) -> bool:
    """One digit: a larger number would be too large for the database before it is no rank."""
    return text.isascii() and text.isdigit() and len(text) == 1


def _parameters(month: str, question: Question) -> dict[str, str]:
    asked = {
        "month": month,
        "verdict": question.verdict,
        "reason": question.reason,
        "site": question.site,
        "unfinished": "1" if question.unfinished else None,
    }
    scheme = {} if question.scheme is None else {"scheme": question.scheme}
    return {name: str(value) for name, value in asked.items() if value} | scheme
