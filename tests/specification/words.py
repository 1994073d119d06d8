"""The events of a pathway as a clinician would say them, in French. Only what an example varies is said."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mappings.displays import display
from mappings.french import CRITERIA
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.scoring import weight
from tests.specification import labels
from tests.support.story import PATHWAY

ROLES: dict[Role, str] = {
    Role.GP: "médecin",
    Role.NURSE: "infirmière",
    Role.PSYCHIATRIST: "psychiatre",
    Role.SITE_REFERENT: "référent de site",
    Role.FRONT_DESK: "accueil",
    Role.COORDINATOR: "coordination",
    Role.ADMINISTRATOR: "administration",
    Role.PATIENT: "patient",
    Role.SYSTEM: "logiciel",
}


def day(value: date | datetime) -> str:
    """31/12/2026."""
    local = value.astimezone(PRACTICE_ZONE) if isinstance(value, datetime) else value
    return f"{local:%d/%m/%Y}"


def time(value: datetime) -> str:
    """31/12/2026 à 14:30, time of the practice."""
    return f"{value.astimezone(PRACTICE_ZONE):%d/%m/%Y à %H:%M}"


def who(actor: Actor) -> str:
    """The role of the person."""
    return ROLES[actor.role]


def quoted(text: str | None) -> str:
    """« text », or that there is none."""
    return f"« {text.strip()} »" if text and text.strip() else "(vide)"


def listed(texts: Iterable[str]) -> str:
    """One after the other, or that there is none."""
    return ", ".join(texts) or "aucun"


def say(data: ev.Payload) -> str:
    """What happens, in words."""
    return _WORDS[type(data)](data)


def _score(d: ev.ScreeningRecorded | ev.ScreeningCorrected) -> str:
    instrument = INSTRUMENTS[d.instrument]
    item_9 = sum(weight(instrument, i.link_id, d.answers[i.link_id]) or 0 for i in instrument.items if i.safety)
    risk = f", item 9 à {item_9}" if item_9 else ""
    verb = "corrigé" if isinstance(d, ev.ScreeningCorrected) else "rempli"
    within = f", dans le contact {d.contact_id}" if isinstance(d, ev.ScreeningRecorded) and d.contact_id else ""
    return f"{instrument.title} {verb}, total {d.total}{risk}{within}"


def _referral(d: ev.PatientReferred) -> str:
    if not d.overridden:
        return "adressage à l'infirmière"
    against = listed(CRITERIA[code] for code in d.overridden)
    return f"adressage malgré « {against} », motif {quoted(d.override_reason)}"


def _plan(d: ev.PlanRecorded) -> str:
    return (
        f"plan de soins ; objectifs : {listed(map(_goal, d.goals))} ; actions : {listed(map(_activity, d.activities))}"
    )


def _goal(goal: ev.Goal) -> str:
    target = "" if goal.target is None else f", cible {goal.target}"
    scale = (
        f" ({INSTRUMENTS[goal.instrument].title}{target})"
        if goal.instrument
        else (f" ({target[2:]})" if target else "")
    )
    return quoted(goal.text) + scale + (f" avant le {day(goal.due)}" if goal.due else "")


def _activity(activity: ev.Activity) -> str:
    rhythm = f" tous les {activity.every_days} jours" if activity.every_days is not None else ""
    return labels.said(activity.kind) + rhythm


def _assessment(d: ev.AssessmentRecorded) -> str:
    if d.problem is None:
        return "évaluation initiale terminée"
    code = f", code {d.problem.code}" if d.problem.code else ""
    system = f" ({display(d.problem.system)})" if d.problem.system else ""
    return f"évaluation initiale terminée, problème {quoted(d.problem.text)}{code}{system}"


def _relapse_plan(d: ev.RelapsePlanWritten) -> str:
    return (
        f"plan de prévention des rechutes ; ce qui aide : {listed(map(quoted, d.helps))} ; signes d'alerte : "
        f"{listed(map(quoted, d.warning_signs))} ; qui appeler : {listed(quoted(h.name) for h in d.who_to_call)}"
    )


def _recommendation(d: ev.Recommendation) -> str:
    parts = [f"dans {d.weeks} semaines" if d.weeks is not None else "", d.drug or "", d.dose or ""]
    said = [quoted(d.text)] if d.text is not None else []
    return " ".join([labels.said(d.kind), *filter(None, parts), *said])


def _renewal(d: ev.RenewalDecided) -> str:
    reason = "" if d.renew and d.reason is None else f", motif {quoted(d.reason)}"
    return f"décision : {'séquence' if d.renew else 'pas de séquence'} {d.rank}{reason}"


def _exit(d: ev.PathwayExited) -> str:
    oriented = f", orientation : {labels.said(d.orientation)}" if d.orientation is not ev.Orientation.NONE else ""
    note = f", note {quoted(d.note)}" if d.note is not None else ""
    return f"sortie : {labels.said(d.reason)}{oriented}{note}{', lien vers l’enquête' if d.survey else ''}"


def _transfer(d: ev.PathwayTransferred) -> str:
    return f"transfert de {d.from_site} à {d.to_site}, infirmière : {d.nurse.name if d.nurse else 'inchangée'}"


def _message(d: ev.MessageSent) -> str:
    return f"message {quoted(d.text)} à {ROLES[d.to] if d.to else 'toute l’équipe'}"


def money(amount: Decimal) -> str:
    """1234,50 €, as it was written."""
    return f"{amount} €".replace(".", ",")


def _task(d: ev.ContactHeld | ev.ContactCorrected) -> str:
    return "" if d.task in {None, ev.ContactTask.FOLLOW_UP} else f", {labels.said(d.task)}"


def _coverage(d: ev.CoverageRecorded) -> str:
    codes = (("régime", d.regime), ("caisse", d.fund), ("centre", d.centre))
    known = [f"{name} {quoted(code)}" for name, code in codes if code is not None]
    return f"couverture maladie : {listed(known)}{', à 100 %' if d.full else ''}"


def _billed(d: ev.SequenceBilled) -> str:
    if d.terms is None:
        return f"séquence {d.rank} facturée"
    number = d.claim_id.removeprefix(PATHWAY).removeprefix("-") or d.claim_id
    return f"séquence {d.rank} facturée {money(d.terms.amount)}, essai {d.terms.attempt}, facture {number}"


def _answer(d: ev.ClaimAnswered) -> str:
    amount = "" if d.amount is None else f", {money(d.amount)}"
    return f"réponse {d.response_id} du {day(d.on)} : {_OUTCOMES[d.outcome]}{amount}"


_OUTCOMES = {ev.ClaimOutcome.ACCEPTED: "acceptée", ev.ClaimOutcome.REJECTED: "rejetée"}

_WORDS: dict[type, Callable[[Any], str]] = {
    ev.PatientIdentified: lambda d: f"identité du patient lue dans son dossier{'' if d.traits.ins else ', sans INS'}",
    ev.ScreeningRecorded: _score,
    ev.ScreeningCorrected: _score,
    ev.SafetyAcknowledged: lambda d: f"prise d'acte de l'item 9 : {labels.said(d.action)}",
    ev.TotalRecorded: lambda d: f"total {LICENSED[d.instrument].title} : {d.total}, papier du {day(d.on)}",
    ev.ConsentRecorded: lambda d: f"{labels.said(d.purpose)} : {labels.said(d.status)}",
    ev.EligibilityChecked: lambda d: (
        "critères d'éligibilité vérifiés : "
        + (listed(CRITERIA[code] for code in d.reasons) if d.reasons else "tous remplis")
    ),
    ev.PatientReferred: _referral,
    ev.ReferralDeclined: lambda d: f"non-adressage : {labels.said(d.reason)}",
    ev.ReferralWithdrawn: lambda d: f"adressage retiré : {labels.said(d.reason)}",
    ev.CallAttempted: lambda d: f"appel : {labels.said(d.result)}",
    ev.ReferralAccepted: lambda _: "adressage accepté",
    ev.ReferralNotStarted: lambda d: (
        f"adressage sans suite : {labels.said(d.reason)}" + (f", note {quoted(d.note)}" if d.note is not None else "")
    ),
    ev.AssessmentRecorded: _assessment,
    ev.CareTeamChanged: lambda d: (
        "équipe de soins : "
        + listed(
            (ROLES[m.role] if m.role else m.function or "autre") + ("" if m.name.strip() else " sans nom")
            for m in d.members
        )
    ),
    ev.PlanRecorded: _plan,
    ev.RelapsePlanWritten: _relapse_plan,
    ev.ContactPlanned: lambda d: f"contact {d.contact_id} planifié le {time(d.planned_at)}",
    ev.ContactMoved: lambda d: f"contact {d.contact_id} déplacé au {time(d.planned_at)}",
    ev.ContactCancelled: lambda d: f"contact {d.contact_id} annulé {labels.said(d.by)}",
    ev.ContactHeld: lambda d: f"contact {d.contact_id} tenu, {d.minutes} min{_task(d)}",
    ev.ContactCorrected: lambda d: f"contact {d.contact_id} corrigé, {d.minutes} min{_task(d)}",
    ev.ContactMissed: lambda d: f"contact {d.contact_id} manqué",
    ev.MessageSent: _message,
    ev.MessageRead: lambda d: f"message {d.message_id} lu",
    ev.MarkedForReview: lambda _: "cas mis à la revue",
    ev.ReviewMarkRemoved: lambda _: "cas retiré de la revue",
    ev.CaseReviewed: lambda d: f"revue de cas : {listed(map(_recommendation, d.recommendations))}",
    ev.RecommendationDecided: lambda d: (
        f"recommandation {d.recommendation_id} {labels.said(d.fate)}"
        + (f", motif {quoted(d.reason)}" if d.fate is not ev.RecommendationFate.ACCEPTED else "")
    ),
    ev.PhaseChanged: lambda d: f"passage en {labels.said(d.phase)}",
    ev.SequenceStarted: lambda d: f"séquence {d.rank} du {day(d.start)} au {day(d.planned_end)}",
    ev.SequenceExtended: lambda d: f"séquence {d.rank} prolongée au {day(d.planned_end)}",
    ev.RenewalDecided: _renewal,
    ev.SequenceFinished: lambda d: (
        f"séquence {d.rank} finie le {day(d.end)}{' (interrompue)' if d.interrupted else ''}"
    ),
    ev.CoverageRecorded: _coverage,
    ev.SequenceBilled: _billed,
    ev.ClaimAnswered: _answer,
    ev.ClaimPaid: lambda d: f"paiement {d.payment_id} de {money(d.amount)} le {day(d.on)}",
    ev.ClaimCancelled: lambda _: "facture annulée, pour la corriger",
    ev.ClaimConfirmed: lambda _: "facture maintenue telle quelle",
    ev.PathwayInterrupted: lambda _: "suivi suspendu",
    ev.PathwayResumed: lambda _: "suivi repris",
    ev.PathwayTransferred: _transfer,
    ev.RecordsMerged: lambda _: "réunion avec un second parcours du même patient",
    ev.MergedInto: lambda _: "parcours réuni avec un autre, qui continue",
    ev.PathwayExited: _exit,
    ev.ElementsKept: lambda _: "éléments gardés d'un autre logiciel",
    ev.SurveyAnswered: lambda d: (
        f"enquête revenue, satisfaction : {'non dite' if d.satisfaction is None else d.satisfaction}"
    ),
}
