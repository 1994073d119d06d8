"""What a type of resource is to the pathways: which ones concern them, and what a new or a changed one does."""

from collections.abc import Callable
from dataclasses import dataclass

from sesame_fhir.api.facade.commands.submitted import Written
from sesame_fhir.api.facade.commands.write import Write
from sesame_fhir.fhir.json_types import Json


@dataclass(frozen=True, slots=True)
class Handler:
    """``concerns``: a new resource is a command; ``create`` runs it. ``update`` runs what changed in it."""

    concerns: Callable[[Json], bool]
    create: Callable[[Write], Written]
    update: Callable[[Write], Written]
