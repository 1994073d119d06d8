"""What an event does to the state beyond moving it in the table."""

from collections.abc import Callable
from typing import Any

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.pathway import Pathway

Handler = Callable[[Pathway, ev.Event, Any], Pathway]
"""From the state, the envelope and its payload to the next state."""
