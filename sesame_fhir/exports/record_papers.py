"""The PDF of a document that a pathway publishes as text: what a record is sent instead of the text."""

from mappings.exit_letter import exit_letter
from mappings.leaving import exit_id
from mappings.papers import relapse_plan_id
from mappings.relapse_leaflet import leaflet_of
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.exports.exit_letter_pdf import exit_letter_pdf
from sesame_fhir.exports.relapse_plan_pdf import relapse_plan_pdf


def paper_pdf(pathway: Pathway, document_id: str, policy: PathwayPolicy) -> bytes | None:
    """Render the exit letter or the relapse-prevention plan; None for a document that stays text (notes).

    Raises:
        DocumentUnavailable: this machine makes no documents.
    """
    if document_id == exit_id(pathway.pathway_id) and pathway.exit is not None:
        return exit_letter_pdf(exit_letter(pathway, policy=policy))
    if document_id == relapse_plan_id(pathway.pathway_id) and pathway.relapse_plan is not None:
        return relapse_plan_pdf(leaflet_of(pathway))
    return None
