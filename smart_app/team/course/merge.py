"""Two records of the same patient: find the other one, compare, and go on with one pathway."""

from dataclasses import replace

from flask.typing import ResponseReturnValue

from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.caseload import Bucket, CaseloadQuery, CaseloadRow, CaseloadSort
from sesame_fhir.services.merging import merge
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

_DRAFT = "merge"
_SHOWN = 20
_OPEN = (Bucket.BEFORE, Bucket.REFERRAL, Bucket.FOLLOWED)


def show_merge(page: TeamContext) -> str:
    """Open pathways of the caller's sites with the same family name, and those that an earlier attempt only closed."""
    return _shown(page, None)


def post_merge(page: TeamContext) -> ResponseReturnValue:
    """This pathway goes on, the chosen one is closed into it."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        other = PathwayId(posted.values.get("other", ""))
        # Only what was offered: an id from elsewhere names nobody.
        if other not in {row.pathway_id for row in _candidates(page)}:
            raise Refused(Reason(ReasonCode.REASON_REQUIRED))
        after = merge(page.deps.engine, posted.command, page.patient_pathway.pathway_id, other)
        page.deps.deliver(other)
        return recorded(page, after)

    return attempt(page, _DRAFT, act, _shown)


def _candidates(page: TeamContext) -> tuple[CaseloadRow, ...]:
    pathway = page.patient_pathway
    if pathway.traits is None:
        return ()
    named = CaseloadQuery(
        sites=tuple(page.scope.sites),
        today=page.local(page.now).date(),
        buckets=_OPEN,
        name=pathway.traits.family,
        sort=CaseloadSort.NAME,
        limit=_SHOWN,
    )
    merged = replace(named, buckets=(Bucket.CLOSED,), states=(State.MERGED,))
    pathways = page.deps.engine.pathways
    still_open = (row for row in pathways.caseload(named).rows if row.pathway_id != pathway.pathway_id)
    return (*still_open, *(row for row in pathways.caseload(merged).rows if _half_done(page, pathway, row)))


def _half_done(page: TeamContext, pathway: Pathway, row: CaseloadRow) -> bool:
    """True for one that was closed into this pathway, which does not know it: the same merge again completes it."""
    missing = row.pathway_id not in pathway.absorbed
    return missing and page.deps.engine.load(row.pathway_id).merged_into == pathway.pathway_id


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    return render_about(page, "team/merge.html", trouble=trouble, candidates=_candidates(page))


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/merge", "merge", show_merge),
    TeamRoute("POST", "/p/<pathway_id>/merge", "merge", post_merge),
)
