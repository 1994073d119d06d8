"""One write as its handler sees it: who acts, for which pathway, under which command, with what kept beside it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256

from mappings.incoming.elements import RECORDER, recorder
from mappings.kept import kept_of, kept_still
from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.commands.acting import Acting, acting
from sesame_fhir.api.facade.commands.submitted import Submitted, Written
from sesame_fhir.domain.events import ElementsKept
from sesame_fhir.domain.ids import CommandId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir.canonical import ROOT
from sesame_fhir.fhir.errors import BelongsToPathway
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.keeping import keep_elements
from sesame_fhir.services.unit import Unit

NOT_A_COMMAND = "belongs-to-pathway"
"""Details code: the pathway publishes this resource, and nobody changes it in this way."""


@dataclass(frozen=True)
class Write:
    """What a handler works with; ``engine`` is the unit's."""

    deps: ApiDeps
    unit: Unit
    engine: Engine
    caller: Caller
    submitted: Submitted

    @property
    def resource(self) -> Json:
        """What the client sent."""
        return self.submitted.resource

    @property
    def kind(self) -> str:
        """Its type."""
        return str(self.resource["resourceType"])

    @cached_property
    def before(self) -> Json:
        """The published resource that an update starts from; empty for a new one."""
        current = self.submitted.current
        return {} if current is None or current.body is None else read_json(current.body)

    @property
    def of_the_patient(self) -> bool:
        """True for a token that reaches one patient only."""
        return self.caller.access(self.kind, "c" if self.submitted.method == "POST" else "u").patient_only

    def acting(self, named: Json | None = None) -> Acting:
        """Who acts; ``named`` is the element that names the professional. Raises Refused for somebody unknown."""
        return acting(self.deps, self.caller, recorder(self.resource) or named or {})

    def command(
        self,
        who: Acting,
        pathway: Pathway | None,
        resource_id: str,
        at: datetime | None = None,
        *,
        ours: frozenset[str] = frozenset(),
        once: bool = False,
    ) -> Command:
        """The command of this write; ``at`` None: now. ``ours`` are the extensions that it has read.

        ``once``: the same body acts once, whatever has been written since (a call leaves no state to compare with).

        What the client saw is the pathway as it is loaded here: what comes in between is a conflict.
        """
        kept = self.kept(pathway, resource_id, ours)
        site = self.deps.site if pathway is None or pathway.site is None else pathway.site
        if pathway is None and who.sites and site not in who.sites:
            site = who.sites[0]
        return Command(
            command_id=self._of_the_body() if once else self.command_id,
            actor=who.actor,
            site=site,
            occurred_at=at or self.deps.clock.now(),
            expected_version=None if pathway is None or self.submitted.current is None else pathway.version,
            scope=who.scope(None if pathway is None else pathway.pathway_id, of_the_patient=self.of_the_patient),
            alongside=() if kept is None else (kept,),
        )

    def kept(
        self, pathway: Pathway | None, resource_id: str, ours: frozenset[str] = frozenset()
    ) -> ElementsKept | None:
        """What is kept beside the resource from now on; None when that does not change."""
        name = f"{self.kind}/{resource_id}"
        known = "{}" if pathway is None else pathway.kept.get(name, "{}")
        read = ours | {RECORDER}
        now = kept_still(self.resource, self.before, known, read) if self.before else kept_of(self.resource, read)
        return None if now == known else ElementsKept(name, now)

    def keep(self, pathway: Pathway, resource_id: str, ours: frozenset[str] = frozenset()) -> Written:
        """Nothing of the pathway changed: keep what was written beside it, if that changed."""
        kept = self.kept(pathway, resource_id, ours)
        if kept is not None:
            command = replace(self.command(self.acting(), pathway, resource_id), alongside=())
            keep_elements(self.engine, command, pathway.pathway_id, kept)
        return Written(self.kind, resource_id, created=False)

    def not_offered(self, text: str, *expressions: str) -> BelongsToPathway:
        """A change for which there is no use case."""
        return BelongsToPathway(error(IssueType.BUSINESS_RULE, text, *expressions, details_code=NOT_A_COMMAND))

    @cached_property
    def command_id(self) -> CommandId:
        """The same for the same request of the same client, so that it acts once.

        A create is known by If-None-Exist, else by its content when that holds an identifier of the client's; an update
        by the version that it starts from. Anything else is new each time.
        """
        submitted = self.submitted
        if submitted.method != "POST":
            return self._of_the_body(str(0 if submitted.current is None else submitted.current.version))
        if submitted.if_none_exist is not None:
            return _digest(*self._client(), submitted.if_none_exist)
        if any(_foreign(identifier) for identifier in _identifiers(self.resource)):
            return self._of_the_body()
        return CommandId(self.engine.ids.new())

    def _of_the_body(self, version: str = "") -> CommandId:
        content = {name: value for name, value in self.resource.items() if name not in ("id", "meta")}
        address = "" if self.submitted.method == "POST" else self.submitted.resource_id
        return _digest(*self._client(), address, version, write_json(content).decode())

    def _client(self) -> tuple[str, str, str]:
        return self.caller.grant.client_id, self.caller.grant.subject, self.kind


def _digest(*parts: str) -> CommandId:
    return CommandId(sha256("\0".join(parts).encode()).hexdigest())


def _identifiers(resource: Json) -> Iterator[Json]:
    found = resource.get("identifier", ())
    yield from [found] if isinstance(found, dict) else found


def _foreign(identifier: Json) -> bool:
    return "value" in identifier and not str(identifier.get("system", "")).startswith(f"{ROOT}/")
