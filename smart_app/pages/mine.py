"""All patients of this GP who are in the pathway, on every site. A name opens nothing: records open from the EHR."""

from flask import request

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.progress.model import Rule
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.caseload import Bucket, CaseloadQuery, CaseloadRow
from sesame_fhir.services.errors import InvalidCursor, NotFound
from smart_app.pages import pathway_texts
from smart_app.pages.context import PageContext
from smart_app.pages.render import render
from smart_app.team.flags import ShownFlag, shown

_PER_PAGE = 25
_SAID_OTHERWISE = frozenset({Rule.SUICIDE_RISK, Rule.ADVICE_WAITING, Rule.REFERRAL_WAITING})
# The row says these without any rule: they stay when interpretation is switched off.


def show_my_patients(page: PageContext) -> str:
    """One page of the list, who needs somebody first.

    Raises:
        Refused: the launch is not a GP's, or the record does not say so.
        NotFound: the address of a page that this list did not give.
    """
    if page.actor.role is not Role.GP or not page.record.profession_known:
        raise Refused(Reason(ReasonCode.ROLE_NOT_ALLOWED, "view-caseload"))
    today = local_day(page.now)
    query = CaseloadQuery(
        sites=tuple(page.deps.team.sites),
        today=today,
        buckets=(Bucket.REFERRAL, Bucket.FOLLOWED),
        referrer_id=page.actor.actor_id,
        limit=_PER_PAGE,
        cursor=request.args.get("cursor"),
    )

    def flags_of(row: CaseloadRow) -> tuple[ShownFlag, ...]:
        raised = (flag for flag in row.raised(today) if flag.rule not in _SAID_OTHERWISE)
        return tuple(shown(flag, page.deps.engine.policy) for flag in raised)

    try:
        found = page.deps.engine.pathways.caseload(query)
    except InvalidCursor:
        raise NotFound("cursor") from None
    return render(page, "app/mine.html", found=found, flags_of=flags_of, words=pathway_texts)
