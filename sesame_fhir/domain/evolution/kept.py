"""How kept elements are remembered: the last that were written beside each resource."""

from collections.abc import Mapping

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.evolution.altered import altered
from sesame_fhir.domain.evolution.handler import Handler
from sesame_fhir.domain.pathway import Pathway


def _kept(p: Pathway, _e: ev.Event, d: ev.ElementsKept) -> Pathway:
    return altered(p, kept={**p.kept, d.resource: d.elements})


HANDLERS: Mapping[type, Handler] = {ev.ElementsKept: _kept}
