"""Writing down a patient's compulsory health insurance (AMO), at the source, so that claims can say it."""

from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.billing.facts import sequence_facts
from sesame_fhir.domain.events import CoverageRecorded
from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.engine import Command, Engine


def coverage_from(regime: str, fund: str, centre: str, *, full: bool | None) -> CoverageRecorded:
    """A coverage as it was typed: spaces are dropped, what is empty is not known. The guards judge the digits."""
    return CoverageRecorded(_code(regime), _code(fund), _code(centre), full)


def record_coverage(engine: Engine, command: Command, pathway_id: PathwayId, coverage: CoverageRecorded) -> Pathway:
    """Record the insurance; the same one again changes nothing.

    Raises:
        Refused: a code has not its digits (``COVERAGE_CODE_WRONG``, ``detail`` says which), or it is out of reach.
        Conflict: somebody wrote at the same moment.
    """

    def decide(pathway: Pathway) -> tuple[CoverageRecorded, ...]:
        return () if pathway.coverage == coverage else (coverage,)

    return engine.run(pathway_id, command, "record-coverage", decide)


def complete_coverage(
    billing: Billing, who: Coordinator, command_id: CommandId, pathway_id: PathwayId, coverage: CoverageRecorded
) -> Pathway:
    """The same by a coordinator, for a patient who is at one of her sites or had a sequence there.

    Raises:
        Refused: as above, or the role or the site is not hers.
        NotFound: no such pathway.
    """
    who.may("record-coverage")
    pathway = billing.engine.load(pathway_id)
    sites = {facts.site for facts in sequence_facts(pathway)} if pathway.traits else set()
    sites |= {pathway.site} if pathway.site else set()
    if not sites & who.sites:
        raise Refused(Reason(ReasonCode.OUT_OF_SCOPE))
    command = Command(
        command_id,
        who.actor,
        min(sites & who.sites),
        billing.engine.clock.now(),
        scope=Scope(opened=frozenset({pathway_id})),
    )
    return record_coverage(billing.engine, command, pathway_id, coverage)


def _code(typed: str) -> str | None:
    return "".join(typed.split()) or None
