"""The example scheme file that comes with the software: everything in it is invented, and it says so."""

import sys
from importlib.resources import files

from sesame_fhir.server.billing.scheme_file import Deployment, read_scheme_file
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.team import team_settings
from sesame_fhir.services.billing.schemes import add_schemes
from sesame_fhir.services.billing.setting import Billing, Coordinator


def example_file() -> str:
    """The file's text; docs/how-to/example-scheme.toml is this text."""
    return (files("sesame_fhir.server.billing") / "example-scheme.toml").read_text(encoding="utf-8")


def add_example(settings: Settings, billing: Billing, who: Coordinator) -> bool:
    """Give a deployment without any scheme the example, so that a demo has something to bill by; False: it has one."""
    if billing.stores.schemes.schemes():
        return False
    sites = frozenset(team_settings(settings).sites)
    reading = read_scheme_file(example_file().encode(), Deployment(sites, settings.policy.maximum_sequences))
    add_schemes(billing, who, reading.schemes, reading.text)
    return True


if __name__ == "__main__":
    sys.stdout.write(example_file())
