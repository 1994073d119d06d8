"""A scheme file that somebody brings to a page: read as ``sesame billing check-scheme`` reads it, and not kept."""

from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.server.billing.scheme_file import Deployment, read_scheme_file
from smart_app.deps import SchemeReader


def scheme_reader(deployment: Deployment) -> SchemeReader:
    """The reader for a deployment's sites and ranks."""

    def read(content: bytes) -> tuple[tuple[BillingScheme, ...], tuple[str, ...]]:
        reading = read_scheme_file(content, deployment)
        mistakes = (finding for finding in reading.findings if not finding.warning)
        return reading.schemes, tuple(f"{one.line}: {one.key} {one.text}" for one in mistakes)

    return read
