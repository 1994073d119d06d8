"""What every subcommand starts from: the checked settings and where they came from."""

from dataclasses import dataclass
from pathlib import Path

from sesame_fhir.server.settings import Settings


@dataclass(frozen=True, slots=True)
class CliContext:
    """``config`` is the settings file, if one was given."""

    config: Path | None
    settings: Settings
