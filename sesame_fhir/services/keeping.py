"""Use case of a resource in which nothing changed but what no rule reads."""

from sesame_fhir.domain.events import ElementsKept
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.engine import Command, Engine


def keep_elements(engine: Engine, command: Command, pathway_id: PathwayId, kept: ElementsKept) -> Pathway:
    """Keep what was written beside a resource, and nothing else. Raises Refused when there is too much of it."""
    return engine.run(pathway_id, command, "keep-elements", lambda _pathway: (kept,))
