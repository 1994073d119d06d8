"""The work list: what the payer rejected, what changed after billing, what is unpaid for long."""

from itertools import islice

from flask import request

from sesame_fhir.services.billing.corrections import to_correct
from sesame_fhir.services.billing.open_items import open_items, to_give_back
from sesame_fhir.services.billing.work_list import work_list
from smart_app.team.billing.candidates import SOURCES
from smart_app.team.billing.desk import desk_of, show
from smart_app.team.billing.waiting import LONG, MOST, unanswered
from smart_app.team.context import TeamContext


def show_work(page: TeamContext) -> str:
    """Everything that waits, what is most pressing first."""
    desk = desk_of(page)
    billing, who = desk.billing, desk.who
    rejected = work_list(billing, who, after=request.args.get("rejected"), limit=MOST)
    changed = to_correct(billing, who, after=request.args.get("changed"), limit=MOST)
    return show(
        desk,
        "work.html",
        rejected=rejected,
        changed=changed,
        unpaid=tuple(islice(open_items(billing, who, LONG.days), MOST)),
        unanswered=unanswered(desk),
        give_back=tuple(islice(to_give_back(billing, who), MOST)),
        most=MOST,
        days=LONG.days,
        sources=SOURCES,
    )
