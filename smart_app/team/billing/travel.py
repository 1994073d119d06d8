"""Two questions to the whole cohort: what could have been billed on a day; what another version would change."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from time import monotonic
from typing import TypeVar

from flask import make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.assessing import Summary, Tally
from sesame_fhir.services.billing.records import StoredScheme
from sesame_fhir.services.billing.time_travel import (
    Compared,
    Difference,
    as_if_added,
    at_any_time,
    billable_on,
    schemes_on,
    what_if,
)
from sesame_fhir.services.errors import NotFound
from smart_app.team.billing.desk import Desk, desk_of, show
from smart_app.team.billing.texts import Upload
from smart_app.team.billing.uploads import UploadRefused, read_upload
from smart_app.team.context import TeamContext
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted

_SECONDS = 15.0
"""So long is the cohort walked for one page; what is then left is said, and left to the command line."""
_LISTED = 100

T = TypeVar("T")


@dataclass(slots=True)
class Walk:
    """A walk that stops when its time is over; ``whole`` False: the figures are of a part of the cohort."""

    until: float
    whole: bool = True

    def over(self, found: Iterable[T]) -> Iterator[T]:
        """The same things, as far as the time goes."""
        for one in found:
            yield one
            if monotonic() > self.until:
                self.whole = False
                return


@dataclass(frozen=True, slots=True)
class Chosen:
    """The schemes to compare with, and what they are called."""

    name: str
    schemes: Sequence[BillingScheme]

    @property
    def example(self) -> bool:
        """True when one of them is an example."""
        return any(scheme.example for scheme in self.schemes)


@dataclass(slots=True)
class Past:
    """A day's sequences: those that a claim held already, and the others by what the rules said of them."""

    free: Summary = field(default_factory=Summary)
    claimed: Tally = field(default_factory=Tally)


def show_past(page: TeamContext) -> str:
    """What could have been billed on a day, by what was known then. Raises Refused for a day that is none."""
    desk = desk_of(page)
    fields = Fields(MultiDict(request.args), desk.today)
    day = fields.day("day")
    fields.check()
    if day is not None and day > desk.today:
        raise Refused(Reason(ReasonCode.DATE_IN_FUTURE, "day"))
    then = request.args.get("schemes") == "then"
    walk = Walk(monotonic() + _SECONDS)
    past = None if day is None else _past(desk, day, walk, then=then)
    return show(desk, "past.html", day=day, then=then, past=past, whole=walk.whole)


def show_what_if(page: TeamContext) -> str:
    """What would change if the schemes were another version. Raises NotFound for one that is not there."""
    desk = desk_of(page)
    asked = request.args.get("version")
    if not asked:
        return _what_if(desk, None)
    chosen = _version(desk.billing.stores.schemes.history(), asked).scheme
    always = "always" in request.args
    schemes = [at_any_time(chosen)] if always else _instead(desk, chosen)
    return _what_if(desk, Chosen(f"{chosen.scheme_id} {chosen.version}", schemes), asked=asked, always=always)


def post_what_if(page: TeamContext) -> ResponseReturnValue:
    """The same for a scheme file, which is read and not kept. Raises NotFound where none can be read."""
    desk = desk_of(page)
    read_posted(page, "what-if")
    if page.deps.read_schemes is None:
        raise NotFound("schemes")
    try:
        sent = read_upload("file")
    except UploadRefused as refused:
        return make_response(_what_if(desk, None, problem=refused.problem), HTTPStatus.UNPROCESSABLE_ENTITY)
    schemes, mistakes = page.deps.read_schemes(sent.data)
    if not schemes:
        body = _what_if(desk, None, problem=Upload.NO_SCHEME, mistakes=mistakes)
        return make_response(body, HTTPStatus.UNPROCESSABLE_ENTITY)
    return make_response(_what_if(desk, Chosen(sent.name, as_if_added(desk.billing, schemes))))


def _what_if(
    desk: Desk,
    chosen: Chosen | None,
    *,
    asked: str | None = None,
    always: bool = False,
    problem: Upload | None = None,
    mistakes: tuple[str, ...] = (),
) -> str:
    walk, counted, listed = Walk(monotonic() + _SECONDS), Difference(), list[Compared]()
    if chosen is not None:
        for one in walk.over(what_if(desk.billing, desk.who, chosen.schemes)):
            counted.add(one)
            if one.changed and len(listed) < _LISTED:
                listed.append(one)
    versions = desk.billing.stores.schemes.history()
    return show(
        desk,
        "what_if.html",
        versions=[(key_of(one), one) for one in versions],
        chosen=chosen,
        asked=asked,
        always=always,
        problem=problem,
        mistakes=mistakes,
        counted=counted,
        listed=listed,
        most=_LISTED,
        whole=walk.whole,
    )


def key_of(stored: StoredScheme) -> str:
    """A revision of a version, as an address names it."""
    return f"{stored.scheme.scheme_id}/{stored.scheme.version}/{stored.revision}"


def _past(desk: Desk, day: date, walk: Walk, *, then: bool) -> Past:
    schemes = schemes_on(desk.billing, day) if then else None
    past = Past()
    for one in walk.over(billable_on(desk.billing, desk.who, day, schemes=schemes)):
        if one.facts.live_claim is None:
            past.free.add(one)
        else:
            past.claimed.add(one.decision)
    return past


def _instead(desk: Desk, scheme: BillingScheme) -> list[BillingScheme]:
    """The schemes that stand, with this version alone in the place of all versions of its scheme."""
    standing = (stored.scheme for stored in desk.billing.stores.schemes.schemes())
    return [*(one for one in standing if one.scheme_id != scheme.scheme_id), scheme]


def _version(versions: Iterable[StoredScheme], asked: str) -> StoredScheme:
    found = next((one for one in versions if key_of(one) == asked), None)
    if found is None:
        raise NotFound("version")
    return found
