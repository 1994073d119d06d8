"""What the team wrote about a patient, for the document and the text that a record gets instead of resources."""

from collections.abc import Iterator
from dataclasses import dataclass

from mappings import french
from mappings.displays import display
from mappings.papers import assessment_text, contact_paper, exit_paper, has_note, relapse_paper
from mappings.recommendation import words
from mappings.record_targets import may_be_shared
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reviews import Advice, Review


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the lines under it."""

    title: str
    lines: tuple[str, ...]


def sections_of(pathway: Pathway, policy: PathwayPolicy) -> tuple[Section, ...]:
    """Totals, reviews and texts of the team, as far as the patient lets them be shared (``record_targets``)."""
    return tuple(_sections(pathway, policy))


def _sections(pathway: Pathway, policy: PathwayPolicy) -> Iterator[Section]:
    shared = may_be_shared(pathway)
    totals = [total for total in pathway.totals if shared(total.at, total.by)]
    if totals:
        lines = (f"{LICENSED[t.instrument].title} : {t.total}, le {french.day(t.on)}" for t in totals)
        yield Section("Autres scores", tuple(lines))
    for review in pathway.reviews:
        if shared(review.at, review.by):
            title = f"Revue de cas du {french.moment(review.at)}, {_signed(review.by)}"
            yield Section(title, tuple(_review_lines(review)))
    assessment, plan, left = pathway.assessment, pathway.relapse_plan, pathway.exit
    if assessment is not None and shared(assessment.at, assessment.by):
        text = assessment_text(assessment.data)
        yield from _written(f"Évaluation initiale du {french.moment(assessment.at)}, {_signed(assessment.by)}", text)
    notes = [contact_paper(contact) for contact in pathway.contacts if has_note(contact)]
    kept = [paper for paper in notes if shared(paper.written_at, paper.author)]
    if kept:
        lines = (f"{french.moment(paper.written_at)}, {_signed(paper.author)} : {paper.text}" for paper in kept)
        yield Section("Contacts", tuple(lines))
    if plan is not None and shared(plan.at, plan.by):
        yield from _written("Plan de prévention des rechutes", relapse_paper(pathway).text)
    if left is not None and shared(left.at, left.by):
        yield from _written("Lettre de sortie", exit_paper(pathway, policy).text)


def _review_lines(review: Review) -> Iterator[str]:
    if review.summary:
        yield review.summary
    yield from (_advice(advice) for advice in review.advice)


def _advice(advice: Advice) -> str:
    said, decision = words(advice.data), advice.decision
    if decision is None:
        return f"{said} (réponse du médecin attendue)" if advice.waits else said
    fate = " : ".join(part for part in (display(decision.fate).lower(), decision.reason) if part)
    return f"{said} ({fate})"


def _written(title: str, text: str) -> Iterator[Section]:
    if text:
        yield Section(title, tuple(line for line in text.splitlines() if line.strip()))


def _signed(actor: Actor) -> str:
    return f"{actor.name} ({french.ROLES[actor.role]})"
