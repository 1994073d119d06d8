"""Who may do what, to which patients: one table of actions by role, and one rule of reach.

Source: design, "Roles and sites". GP: own patients. Nurse: the patients of her sites. Psychiatrist: cases put to
review. Site referent and coordinator: counts, no clinical text. Front desk: today's appointments, blank
questionnaires. Administrator: accounts. A patient opened through the EHR's launch, or by breaking the glass, is in
reach of a clinician.
"""

from dataclasses import dataclass

from sesame_fhir.domain.actors import CLINICIANS, Actor, Role
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller can reach: whole sites, and single pathways opened in another way.

    ``record``: the EHR's launch vouches for the access to its own patient, whoever refers them.
    """

    sites: frozenset[SiteId] = frozenset()
    opened: frozenset[PathwayId] = frozenset()
    record: bool = False


LAUNCH = Scope(record=True)
"""The scope of an EHR launch: that record's patient, and nobody else."""

_NURSE = frozenset({Role.NURSE})
_PSYCHIATRIST = frozenset({Role.PSYCHIATRIST})
_GP = frozenset({Role.GP})
_SYSTEM = frozenset({Role.SYSTEM})
_TEAM = frozenset({Role.NURSE, Role.PSYCHIATRIST})
_COUNTS = frozenset({Role.NURSE, Role.PSYCHIATRIST, Role.SITE_REFERENT, Role.COORDINATOR})

_BILLING = frozenset({Role.COORDINATOR})

ACTIONS: dict[str, frozenset[Role]] = {
    # use cases that change a pathway, by the name under which they are audited
    "record-screening": CLINICIANS | {Role.PATIENT, Role.SYSTEM},
    "correct-screening": CLINICIANS,
    "acknowledge-safety": CLINICIANS,
    "confirm-eligibility": CLINICIANS,
    "refer": CLINICIANS,
    "decline": CLINICIANS,
    "withdraw": CLINICIANS,
    "record-call": _NURSE,
    "accept-referral": _NURSE,
    "end-referral": _NURSE,
    "record-total": CLINICIANS,
    "record-assessment": _NURSE,
    "record-plan": _NURSE,
    "change-care-team": _NURSE,
    "write-relapse-plan": _NURSE,
    "plan-contact": _NURSE,
    "move-contact": _NURSE,
    "cancel-contact": _NURSE,
    "hold-contact": _NURSE,
    "miss-contact": _NURSE,
    "correct-contact": _NURSE,
    "change-phase": _NURSE,
    "mark-for-review": _TEAM | _GP,
    "unmark-for-review": _TEAM,
    "review-case": _PSYCHIATRIST,
    "decide-recommendation": _GP,
    "send-message": CLINICIANS,
    "read-message": CLINICIANS,
    "decide-renewal": _NURSE,
    "start-sequence": _NURSE | _SYSTEM,
    "finish-sequence": _SYSTEM,
    "interrupt": _NURSE,
    "resume": _NURSE,
    "exit": _NURSE,
    "record-survey": _NURSE,
    "transfer": _NURSE,
    "merge": _NURSE,
    "record-consent": CLINICIANS,
    "record-ins": frozenset({Role.NURSE, Role.FRONT_DESK, Role.COORDINATOR}),
    "record-coverage": frozenset({Role.NURSE, Role.FRONT_DESK, Role.COORDINATOR, Role.SYSTEM}),
    "bill-sequence": _BILLING,
    "answer-claim": _BILLING,
    "pay-claim": _BILLING,
    "cancel-claim": _BILLING,
    "confirm-claim": _BILLING,
    "keep-elements": CLINICIANS | _SYSTEM,
    # what is looked at or taken out, by the name under which it is audited
    "view-caseload": _TEAM | _GP,
    "view-patient": CLINICIANS,
    "view-review": _TEAM,
    "view-agenda": _NURSE | {Role.FRONT_DESK},
    "print-form": frozenset({Role.FRONT_DESK}),
    "view-indicators": _COUNTS,
    "view-accounts": frozenset({Role.ADMINISTRATOR}),
    "change-accounts": frozenset({Role.ADMINISTRATOR}),
    "view-clients": frozenset({Role.ADMINISTRATOR}),
    "change-clients": frozenset({Role.ADMINISTRATOR}),
    "open-application": CLINICIANS,
    "break-glass": CLINICIANS,
    "export-caseload": _TEAM,
    "export-indicators": _COUNTS,
    "print-document": CLINICIANS,
    "subscribe-calendar": _NURSE,
    "log-review-session": _TEAM,
    "view-billing": _BILLING,
    "prepare-billing": _BILLING,
    "approve-billing": _BILLING,
    "submit-billing": _BILLING,
    "export-billing": _BILLING,
    "import-responses": _BILLING,
    "reconcile-payments": _BILLING,
    "change-schemes": _BILLING,
}
"""Action -> roles that may do it. An action that is not here does not exist: asking for it is a programming error."""


def role_refusals(action: str, role: Role) -> tuple[Reason, ...]:
    """Why this role may not do this; empty when it may. Raises KeyError for an action that is not in the table."""
    return () if role in ACTIONS[action] else (Reason(ReasonCode.ROLE_NOT_ALLOWED, action),)


def scope_refusals(pathway: Pathway, actor: Actor, scope: Scope) -> tuple[Reason, ...]:
    """Why this pathway is out of the caller's reach; empty when it is in reach."""
    if scope.record or actor.role is Role.SYSTEM or pathway.pathway_id in scope.opened:
        return ()
    if pathway.site is None or pathway.site not in scope.sites:
        return (Reason(ReasonCode.OUT_OF_SCOPE),)
    rule = {Role.NURSE: None, Role.GP: _own_patient, Role.PSYCHIATRIST: _put_to_review}.get(actor.role, _nobody)
    return () if rule is None else rule(pathway, actor)


def _own_patient(pathway: Pathway, actor: Actor) -> tuple[Reason, ...]:
    referral = pathway.referral
    own = referral is not None and referral.referrer.actor_id == actor.actor_id
    return () if own or pathway.on_team(actor) else (Reason(ReasonCode.NOT_OWN_PATIENT),)


def _put_to_review(pathway: Pathway, actor: Actor) -> tuple[Reason, ...]:
    listed = pathway.discussion is not None or pathway.on_team(actor)
    return () if listed else (Reason(ReasonCode.NOT_PUT_TO_REVIEW),)


def _nobody(_pathway: Pathway, _actor: Actor) -> tuple[Reason, ...]:
    return (Reason(ReasonCode.OUT_OF_SCOPE),)
