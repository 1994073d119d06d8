"""Which resource each write of a transaction is about, known before anything is written: links can then be replaced."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from sesame_fhir.api.facade.addresses import Interaction
from sesame_fhir.api.facade.incoming import write_access
from sesame_fhir.api.facade.planning import Step, criteria, the_match
from sesame_fhir.api.scopes import Interaction as Letter
from sesame_fhir.fhir.errors import InvalidResource
from sesame_fhir.fhir.outcomes import IssueType, error

_LETTERS: dict[Interaction, Letter] = {"create": "c", "update": "u", "patch": "u", "delete": "d"}


@dataclass(frozen=True, slots=True)
class Identity:
    """A resource. ``resource_id`` is empty when a conditional delete or patch found nothing.

    ``written`` is False for a conditional create that found what exists. ``condition`` is the text of If-None-Exist.
    """

    resource_type: str
    resource_id: str
    written: bool = True
    condition: str | None = None


class Identities:
    """The identities of a transaction's writes, as they become known."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, str]] = set()

    def of(self, step: Step, interaction: Interaction) -> Identity:
        """The identity of one write.

        Raises:
            InvalidResource: another write is about the same resource.
            FhirError: as the interaction itself; a conditional one is searched here.
        """
        found = _identity(step, interaction)
        keys = {(found.resource_type, one) for one in (found.written and found.resource_id, found.condition) if one}
        if keys & self._taken:
            text = "Une transaction n'écrit qu'une fois chaque ressource : une autre entrée l'écrit déjà."
            raise InvalidResource(error(IssueType.DUPLICATE, text))
        self._taken |= keys
        return found


def _identity(step: Step, interaction: Interaction) -> Identity:
    resource_type, *rest = step.ask.path
    if rest:
        return Identity(resource_type, rest[0])
    condition = step.ask.conditions.if_none_exist if interaction == "create" else None
    pairs = step.ask.pairs
    if interaction == "create":
        if condition is None:
            return Identity(resource_type, step.deps.ids.new())
        pairs = tuple(parse_qsl(condition.removeprefix("?"), keep_blank_values=True))
    access = write_access(step.caller, resource_type, _LETTERS[interaction])
    match = the_match(step.deps, criteria(step, access, resource_type, pairs))
    if match is not None:
        return Identity(resource_type, match.resource_id, written=interaction != "create")
    if interaction in ("create", "update"):
        own = (step.ask.body or {}).get("id") if interaction == "update" else None
        return Identity(resource_type, own or step.deps.ids.new(), condition=condition)
    return Identity(resource_type, "")
