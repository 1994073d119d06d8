"""The record writer of the running app: launches give the authority, the engine the pathway, the exports the PDF."""

from sesame_fhir.exports.record_papers import paper_pdf
from sesame_fhir.exports.summary_pdf import summary_pdf
from sesame_fhir.services.ports import RecordWriter
from smart_app.deps import AppDeps
from smart_app.ehr.authority import LaunchAuthorities
from smart_app.ehr.writer import EhrRecordWriter


def record_writer(deps: AppDeps) -> RecordWriter:
    """Build the writer that the delivery uses."""
    return EhrRecordWriter(
        authorities=LaunchAuthorities(deps),
        load=deps.engine.load,
        render=summary_pdf,
        clock=deps.clock,
        policy=deps.engine.policy,
        paper=paper_pdf,
    )
