"""Guard of kept elements: they say nothing to any rule, but they are published again and again."""

from collections.abc import Mapping

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.guards.setting import Guard, Reasons, Setting, refused
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode

LONGEST = 100_000
"""Characters of JSON beside one resource (own choice): each version of the resource repeats them."""


def _kept(_p: Pathway, d: ev.ElementsKept, _s: Setting) -> Reasons:
    return refused(ReasonCode.TEXT_TOO_LONG, str(LONGEST), when=len(d.elements) > LONGEST)


GUARDS: Mapping[type, Guard] = {ev.ElementsKept: _kept}
