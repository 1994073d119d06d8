"""The form below resources: one document for the whole pathway (below it, the page shows the same summary as text).

It is dated by the pathway and not by the clock: the same state gives the same document, so that writing it once per
undeliverable resource changes nothing after the first.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mappings.document import DocumentKind, document_reference
from mappings.practitioner import actor_reference
from mappings.summary import Summary, summary_of
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.fhir.json_types import Json


@dataclass(frozen=True, slots=True)
class PathwayDocument:
    """A pathway's document on its way to a record. ``author`` signs it; ``names`` is how our resources name them."""

    pathway: Pathway
    summary: Summary
    author: Actor

    @property
    def names(self) -> Json:
        """A resource-like object that names the author, for ``directory.practitioner_in_record``."""
        return {"author": actor_reference(self.author, {})}

    def resource(self, render: Callable[[Summary], bytes], patient: str, practitioner: str | None) -> Json:
        """The DocumentReference with its PDF inside; corrected ones keep the identifier, so they replace the first."""
        binding = self.pathway.ehr
        return document_reference(
            document_id=self.pathway.pathway_id,
            kind=DocumentKind.QUESTIONNAIRE if self.pathway.referral is None else DocumentKind.REFERRAL,
            pdf=render(self.summary),
            written_at=self.summary.written_at,
            author_name=self.author.name,
            ehr_patient=patient,
            ehr_encounter=binding.encounter if binding is not None and binding.patient == patient else None,
            ehr_practitioner=practitioner,
        )


def document_of(pathway: Pathway, *, policy: PathwayPolicy) -> PathwayDocument:
    """The pathway's document. Raises ValueError for a pathway with nothing to tell yet."""
    author = _author(pathway)
    if pathway.updated_at is None or author is None:
        raise ValueError("nothing to document in this pathway")
    return PathwayDocument(pathway, summary_of(pathway, author, pathway.updated_at, policy=policy), author)


def _author(pathway: Pathway) -> Actor | None:
    """Who signs: the referrer, else the author of the latest screening."""
    if pathway.referral is not None:
        return pathway.referral.referrer
    return pathway.screenings[-1].author if pathway.screenings else None
