"""The relapse-prevention plan as the patient takes it home: the content of the page and of its text.

Source: domain page, step 7 (what helps, personal warning signs, who to call) and "Safety" (3114 and 15, always).
"""

from dataclasses import dataclass
from datetime import date, datetime

from mappings import french
from sesame_fhir.domain.events import Helper
from sesame_fhir.domain.pathway import Pathway

TITLE = "Mon plan pour rester bien"
ALWAYS = (
    Helper("Prévention du suicide, 24 h/24, gratuit", "3114"),
    Helper("Urgence vitale (SAMU)", "15"),
)
"""On every plan, whoever else is on it."""


@dataclass(frozen=True, slots=True)
class Leaflet:
    """Plain words, in the order in which they help. ``parts`` are (heading, lines), empty ones left out."""

    patient_name: str
    written_at: datetime
    author: str
    version: int
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    helpers: tuple[Helper, ...]

    @property
    def written_on(self) -> date:
        """The day it was written, at the practice."""
        return self.written_at.astimezone(french.PARIS).date()


def leaflet_of(pathway: Pathway) -> Leaflet:
    """The plan as it stands. Raises ValueError when there is none."""
    plan, traits = pathway.relapse_plan, pathway.traits
    if plan is None or traits is None:
        raise ValueError(f"pathway {pathway.pathway_id} has no relapse-prevention plan")
    parts = (
        ("Ce qui m'aide à aller bien", plan.data.helps),
        ("Les signes qui doivent m'alerter", plan.data.warning_signs),
        ("Ce que je fais en premier", plan.data.first_steps),
    )
    return Leaflet(
        patient_name=f"{traits.given} {traits.family.upper()}".strip(),
        written_at=plan.at,
        author=plan.by.name,
        version=plan.version,
        parts=tuple((heading, lines) for heading, lines in parts if lines),
        helpers=plan.data.who_to_call,
    )


def leaflet_text(leaflet: Leaflet) -> str:
    """The same as text, where no document can be made."""
    lines = [
        TITLE,
        leaflet.patient_name,
        f"Écrit avec {leaflet.author} le {french.day(leaflet.written_on)}",
    ]
    for heading, texts in leaflet.parts:
        lines += ["", heading, *(f"- {text}" for text in texts)]
    lines += ["", "Qui je peux appeler"]
    lines += [f"- {h.name}" + (f" : {h.phone}" if h.phone else "") for h in (*leaflet.helpers, *ALWAYS)]
    return "\n".join(lines) + "\n"
