"""What to do now for one patient: the first step that this person may take, and everything else that they may do.

Two tables. ``STEPS`` is in order of urgency; a step is offered only to a role that may take it and where its page
exists. ``LINKS`` is what a role may open in a state.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.transitions import CLOSED, FOLLOWED, IN_CARE, INTERRUPTED, OPEN, State
from smart_app.team.about import exists
from smart_app.team.context import TeamContext

_WITH_NURSE = FOLLOWED | {State.REFERRED}
_DECIDED = FOLLOWED | {State.EXITED}
_ANSWERED = _WITH_NURSE | {State.EXITED, State.NOT_STARTED}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: ``label`` is on the button, ``why`` beside it, ``values`` are the address's."""

    label: str
    why: str
    endpoint: str
    action: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A page about this patient, for who may do ``action``, in ``states``. ``fresh`` names a value made anew."""

    label: str
    endpoint: str
    action: str
    states: frozenset[State]
    fresh: str | None = None


def next_step(page: TeamContext) -> Step | None:
    """The most pressing step that this person may take; None when nothing waits for them."""
    found = (step for rule in STEPS if (step := rule(page, page.patient_pathway)) is not None)
    return next((step for step in found if page.may(step.action) and exists(step.endpoint)), None)


def links_of(page: TeamContext) -> tuple[tuple[str, str], ...]:
    """Label and address of every page about this patient that this person may open now."""
    state = page.patient_pathway.state
    offered = (link for link in LINKS if state in link.states and page.may(link.action) and exists(link.endpoint))
    return tuple((link.label, page.url(link.endpoint, **_fresh(page, link))) for link in offered)


def _fresh(page: TeamContext, link: Link) -> dict[str, str]:
    return {} if link.fresh is None else {link.fresh: page.deps.ids.new()}


def _item_9(_page: TeamContext, p: Pathway) -> Step | None:
    if not p.unacknowledged:
        return None
    waiting = {"screening_id": p.unacknowledged[0].screening_id}
    why = "Une réponse à la question 9 du PHQ-9 attend un clinicien."
    return Step("Prendre en compte l'item 9", why, "show_safety", "acknowledge-safety", waiting)


def _call(_page: TeamContext, p: Pathway) -> Step | None:
    if p.state is not State.REFERRED:
        return None
    return Step("Appeler le patient", "L'adressage attend une réponse.", "show_referral", "record-call")


def _review(_page: TeamContext, p: Pathway) -> Step | None:
    if p.discussion is None or p.state not in FOLLOWED:
        return None
    return Step("Relire le cas", "Il est mis à la prochaine revue.", "show_case", "review-case")


def _answer(_page: TeamContext, p: Pathway) -> Step | None:
    if not p.waiting_advice or p.state not in _DECIDED:
        return None
    return Step("Répondre au psychiatre", "Une recommandation vous attend.", "show_advice", "decide-recommendation")


def _assess(_page: TeamContext, p: Pathway) -> Step | None:
    if p.state is not State.ASSESSMENT:
        return None
    return Step("Faire l'évaluation initiale", "Le suivi commence après elle.", "show_assessment", "record-assessment")


def _planned_contact(page: TeamContext, p: Pathway) -> Step | None:
    planned = p.planned_contacts[0] if p.planned_contacts else None
    if planned is None or planned.planned_at is None or local_day(planned.planned_at) > local_day(page.now):
        return None
    if p.state not in IN_CARE:
        return None
    values = {"contact_id": planned.contact_id}
    return Step(
        "Noter le contact prévu", "Il est prévu aujourd'hui, ou l'était.", "show_contact", "hold-contact", values
    )


def _read(page: TeamContext, p: Pathway) -> Step | None:
    if not any(message.waits_for(page.actor) for message in p.messages) or p.state not in _ANSWERED:
        return None
    return Step("Lire les messages", "Un message vous attend.", "show_messages", "read-message")


def _plan(_page: TeamContext, p: Pathway) -> Step | None:
    if p.state not in IN_CARE or p.plan is not None:
        return None
    return Step("Écrire le plan de soins", "Il n'y en a pas encore.", "show_plan", "record-plan")


def _renew(page: TeamContext, p: Pathway) -> Step | None:
    if p.state not in IN_CARE or not _undecided(p, local_day(page.now), page.deps.engine.policy.renewal_days):
        return None
    if len(p.sequences) >= page.deps.engine.policy.maximum_sequences:
        return Step("Préparer la sortie", "La dernière séquence possible se termine.", "show_exit", "exit")
    why = "La séquence se termine bientôt, ou est terminée."
    return Step("Décider de la suite de la séquence", why, "show_course", "decide-renewal")


def _undecided(p: Pathway, today: date, days: int) -> bool:
    last = p.sequences[-1] if p.sequences else None
    if last is None:
        return False
    decided = p.renewal is not None and p.renewal.rank == last.rank + 1
    return not decided and today >= (last.end or last.planned_end) - timedelta(days=days)


def _relapse_plan(_page: TeamContext, p: Pathway) -> Step | None:
    if p.state is not State.RELAPSE_PREVENTION or p.relapse_plan is not None:
        return None
    why = "Le patient repart avec son plan écrit."
    return Step("Écrire le plan de prévention des rechutes", why, "show_relapse_plan", "write-relapse-plan")


def _schedule(page: TeamContext, p: Pathway) -> Step | None:
    if p.state not in IN_CARE or p.planned_contacts:
        return None
    values = {"contact_id": page.deps.ids.new()}
    return Step("Planifier le prochain contact", "Aucun n'est prévu.", "show_contact", "plan-contact", values)


def _resume(_page: TeamContext, p: Pathway) -> Step | None:
    if p.state not in INTERRUPTED:
        return None
    return Step("Reprendre le suivi", "Il est suspendu.", "show_course", "resume")


STEPS: tuple[Callable[[TeamContext, Pathway], Step | None], ...] = (
    _item_9,
    _call,
    _review,
    _answer,
    _assess,
    _planned_contact,
    _read,
    _plan,
    _renew,
    _relapse_plan,
    _schedule,
    _resume,
)
"""Most pressing first. Sources: domain page, "Safety" and steps 3 to 7."""

LINKS = (
    Link("Noter un contact", "show_contact", "hold-contact", IN_CARE | {State.ASSESSMENT}, "contact_id"),
    Link("Noter un contact passé", "show_contact", "hold-contact", INTERRUPTED | {State.EXITED}, "contact_id"),
    Link("Adressage", "show_referral", "view-patient", frozenset({State.REFERRED, State.NOT_STARTED})),
    Link("Évaluation initiale", "show_assessment", "record-assessment", frozenset({State.ASSESSMENT})),
    Link("Score d'un questionnaire", "show_total", "record-total", FOLLOWED),
    Link("Plan de soins", "show_plan", "record-plan", IN_CARE),
    Link("Équipe de soins", "show_care_team", "change-care-team", FOLLOWED),
    Link("Plan de prévention des rechutes", "show_relapse_plan", "write-relapse-plan", IN_CARE),
    Link("Revue de cas", "show_case", "view-review", FOLLOWED),
    Link("Recommandations", "show_advice", "decide-recommendation", _DECIDED),
    Link("Messages", "show_messages", "send-message", _ANSWERED),
    Link("Séquences et suspension", "show_course", "decide-renewal", IN_CARE | INTERRUPTED),
    Link("Accords du patient", "show_consents", "record-consent", frozenset(State) - {State.NEW, State.MERGED}),
    Link("Transférer", "show_transfer", "transfer", _WITH_NURSE),
    Link("Réunir avec un autre dossier", "show_merge", "merge", OPEN - {State.NEW}),
    Link("Sortie du parcours", "show_exit", "exit", FOLLOWED),
    Link("Lettre de sortie et enquête", "show_exit", "exit", frozenset({State.EXITED})),
)
"""In the order in which they are needed."""

DOCUMENTS: tuple[tuple[str, str, Callable[[Pathway], bool]], ...] = (
    ("Plan de prévention des rechutes (PDF)", "download_relapse_plan", lambda p: p.relapse_plan is not None),
    ("Lettre de sortie (PDF)", "download_exit_letter", lambda p: p.state in CLOSED and p.exit is not None),
    ("Synthèse (PDF)", "download_summary", lambda _p: True),
)
"""Label, page, and when there is such a document."""


def documents_of(page: TeamContext) -> tuple[tuple[str, str], ...]:
    """Label and address of every document about this patient."""
    if not page.may("print-document"):
        return ()
    made = (d for d in DOCUMENTS if d[2](page.patient_pathway) and exists(d[1]))
    return tuple((label, page.url(endpoint)) for label, endpoint, _ in made)
