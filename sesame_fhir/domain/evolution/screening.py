"""How identity, consents and screenings change a pathway's state."""

from collections.abc import Mapping
from dataclasses import replace

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.care import Consent, LicensedTotal
from sesame_fhir.domain.evolution.altered import altered
from sesame_fhir.domain.evolution.handler import Handler
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.pathway import Pathway, Screening
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused


def _identified(p: Pathway, _e: ev.Event, d: ev.PatientIdentified) -> Pathway:
    return altered(p, traits=d.traits, ehr=d.ehr or p.ehr, previous=d.previous or p.previous)


def _screened(p: Pathway, e: ev.Event, d: ev.ScreeningRecorded) -> Pathway:
    screening = Screening(
        d.screening_id,
        d.instrument,
        d.instrument_version,
        dict(d.answers),
        d.total,
        d.safety_flag,
        e.occurred_at,
        e.actor,
    )
    # In the order of the answers: a form filled in before the visit may be recorded after a later one.
    screenings = tuple(sorted((*p.screenings, screening), key=lambda s: s.taken_at))
    if d.contact_id is None:
        return altered(p, screenings=screenings)
    contacts = (
        replace(c, screenings=(*c.screenings, d.screening_id)) if c.contact_id == d.contact_id else c
        for c in p.contacts
    )
    return altered(p, screenings=screenings, contacts=tuple(contacts))


def _corrected(p: Pathway, e: ev.Event, d: ev.ScreeningCorrected) -> Pathway:
    """Answers change; an acknowledgement survives only while the answer that it is about stands as it was."""
    before = p.screening(d.screening_id)
    if before is None:
        raise Refused(Reason(ReasonCode.NO_SUCH_SCREENING, d.screening_id))
    keep = before.safety_flag == d.safety_flag and _safety_answers(before) == _safety_answers(d)
    after = Screening(
        d.screening_id,
        d.instrument,
        d.instrument_version,
        dict(d.answers),
        d.total,
        d.safety_flag,
        e.occurred_at,
        e.actor,
        amended=True,
        acknowledged_by=before.acknowledged_by if keep else None,
        acknowledged_at=before.acknowledged_at if keep else None,
        acknowledged_action=before.acknowledged_action if keep else None,
        first_authored=before.taken_at,
    )
    return altered(p, screenings=tuple(after if s.screening_id == d.screening_id else s for s in p.screenings))


def _safety_answers(given: Screening | ev.ScreeningCorrected) -> list[str | None]:
    return [given.answers.get(item.link_id) for item in INSTRUMENTS[given.instrument].items if item.safety]


def _acknowledged(p: Pathway, e: ev.Event, d: ev.SafetyAcknowledged) -> Pathway:
    return altered(
        p,
        screenings=tuple(
            replace(s, acknowledged_by=e.actor, acknowledged_at=e.occurred_at, acknowledged_action=d.action)
            if s.screening_id == d.screening_id
            else s
            for s in p.screenings
        ),
    )


def _consented(p: Pathway, e: ev.Event, d: ev.ConsentRecorded) -> Pathway:
    """What the patient said last stands, also when an older form on paper is recorded after it."""
    said = Consent(d.status, d.notice, e.occurred_at, e.actor)
    history = tuple(sorted((*p.consent_history.get(d.purpose, ()), said), key=lambda consent: consent.at))
    return altered(
        p,
        consents={**p.consents, d.purpose: history[-1]},
        consent_history={**p.consent_history, d.purpose: history},
    )


def _total(p: Pathway, e: ev.Event, d: ev.TotalRecorded) -> Pathway:
    total = LicensedTotal(d.total_id, d.instrument, d.total, d.on, e.actor, e.occurred_at)
    return altered(p, totals=(*p.totals, total))


HANDLERS: Mapping[type, Handler] = {
    ev.PatientIdentified: _identified,
    ev.ScreeningRecorded: _screened,
    ev.ScreeningCorrected: _corrected,
    ev.SafetyAcknowledged: _acknowledged,
    ev.ConsentRecorded: _consented,
    ev.TotalRecorded: _total,
}
