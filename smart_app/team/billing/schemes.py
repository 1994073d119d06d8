"""Schemes: the versions in force and their history, each with the values that were configured."""

from dataclasses import dataclass

from flask import Response

from sesame_fhir.domain.billing.scheme import BillingScheme, within
from sesame_fhir.services.billing.records import StoredScheme
from sesame_fhir.services.errors import NotFound
from smart_app.team.billing.desk import Desk, desk_of, name_of, show
from smart_app.team.context import TeamContext


@dataclass(frozen=True, slots=True)
class ShownScheme:
    """One version; ``now``: it decides on sequences of today, somewhere in reach."""

    stored: StoredScheme
    now: bool


def show_schemes(page: TeamContext) -> str:
    """Every version that stands, those in force first."""
    desk = desk_of(page)
    shown = shown_schemes(desk)
    return show(
        desk,
        "schemes.html",
        schemes=sorted(shown, key=lambda one: (not one.now, one.stored.scheme.scheme_id)),
        replaced=len(desk.billing.stores.schemes.history()) - len(shown),
    )


def show_scheme(page: TeamContext, scheme_id: str, version: str) -> str:
    """One version with every value, and the revisions before it. Raises NotFound."""
    desk = desk_of(page)
    found = _revisions(desk, scheme_id, version)
    return show(
        desk,
        "scheme.html",
        stored=found[-1],
        revisions=[(one, name_of(desk, one.added_by)) for one in found],
    )


def export_scheme(page: TeamContext, scheme_id: str, version: str) -> Response:
    """The file that a version was given with. Raises NotFound."""
    desk = desk_of(page)
    found = _revisions(desk, scheme_id, version)[-1]
    answer = Response(found.source, mimetype="application/toml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{scheme_id}-{version}.toml"'
    return answer


def shown_schemes(desk: Desk) -> list[ShownScheme]:
    """The versions that stand, in the order in which they were given."""
    stored = desk.billing.stores.schemes.schemes()
    schemes = [one.scheme for one in stored]
    return [ShownScheme(one, _in_force(desk, one.scheme, schemes)) for one in stored]


def _in_force(desk: Desk, scheme: BillingScheme, schemes: list[BillingScheme]) -> bool:
    """True when it decides today: in its dates, somewhere in reach, and not superseded by a later version."""
    if not within(desk.today, scheme.start, scheme.end) or not any(map(scheme.serves, desk.who.sites)):
        return False
    later = schemes[schemes.index(scheme) + 1 :]
    rivals = [one for one in schemes if one.scheme_id == scheme.scheme_id and one.start <= desk.today]
    return not any(one.start > scheme.start or (one.start == scheme.start and one in later) for one in rivals)


def _revisions(desk: Desk, scheme_id: str, version: str) -> list[StoredScheme]:
    history = desk.billing.stores.schemes.history()
    found = [one for one in history if (one.scheme.scheme_id, one.scheme.version) == (scheme_id, version)]
    if not found:
        raise NotFound("scheme")
    return found
