"""Examples: phases, suspension, transfer, two records of one patient."""

from dataclasses import replace

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.evolution.referral import member_of
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.reasons import ReasonCode as Why
from tests.specification.care import REFUSES
from tests.specification.model import Chapter, Example, Page, on
from tests.specification.screening import AT_RISK
from tests.specification.situations import (
    ASSESSMENT,
    CARE,
    EXITED,
    INTERRUPTED,
    REFERRED,
    RELAPSE,
    RELAPSE_PREVENTION,
    SCREENED,
    SEQUENCE,
    SUSPENDED,
)
from tests.support.story import NURSE, PATHWAY, SITE

BACK_TO_CARE = ev.PhaseChanged(ev.Phase.CARE)
COLLEAGUE = ev.TeamMember("10000000033", "Lou Fictif", NURSE.role)
OTHER_SITE = SiteId("site-bezons")
OTHER_PATHWAY = PathwayId("01900000-0000-7000-8000-000000000002")
TRANSFER = ev.PathwayTransferred(SITE, OTHER_SITE, COLLEAGUE)

PHASES = Chapter(
    "Changer de phase",
    "L'équipe passe le patient en prévention des rechutes, et le reprend en prise en charge s'il le faut.",
    (
        Example(CARE, RELAPSE_PREVENTION),
        Example(RELAPSE, BACK_TO_CARE),
        Example(CARE, BACK_TO_CARE, (Why.EVENT_NOT_ALLOWED,)),
        Example(RELAPSE, RELAPSE_PREVENTION, (Why.EVENT_NOT_ALLOWED,)),
        Example(INTERRUPTED, RELAPSE_PREVENTION, (Why.EVENT_NOT_ALLOWED,)),
        Example(CARE.then(on("2026-03-11", REFUSES)), RELAPSE_PREVENTION, (Why.PATIENT_REFUSED,)),
    ),
)
SUSPENSION = Chapter(
    "Suspendre et reprendre",
    "Hospitalisation, absence : le suivi s'arrête et reprend là où il en était.",
    (
        Example(CARE, SUSPENDED),
        Example(RELAPSE, SUSPENDED),
        Example(INTERRUPTED, SUSPENDED, (Why.EVENT_NOT_ALLOWED,)),
        Example(INTERRUPTED, ev.PathwayResumed(), at="2026-05-10"),
        Example(CARE, ev.PathwayResumed(), (Why.EVENT_NOT_ALLOWED,)),
        Example(INTERRUPTED, ev.PathwayResumed(), (Why.BEFORE_LAST_STEP,), at="2026-04-19", recorded="2026-05-10"),
    ),
)
TRANSFERS = Chapter(
    "Transférer",
    "À une autre infirmière, à un autre site, ou aux deux.",
    (
        Example(CARE, TRANSFER),
        Example(CARE, replace(TRANSFER, to_site=SITE)),
        Example(CARE, replace(TRANSFER, nurse=None)),
        Example(REFERRED, TRANSFER),
        Example(INTERRUPTED, TRANSFER),
        Example(CARE, replace(TRANSFER, to_site=SITE, nurse=member_of(NURSE)), (Why.SAME_SITE_AND_NURSE,)),
        Example(CARE, replace(TRANSFER, to_site=SITE, nurse=None), (Why.SAME_SITE_AND_NURSE,)),
        Example(CARE, replace(TRANSFER, from_site=OTHER_SITE, to_site=SITE), (Why.OUT_OF_SCOPE,)),
        Example(SCREENED, TRANSFER, (Why.EVENT_NOT_ALLOWED,)),
        Example(EXITED, TRANSFER, (Why.EVENT_NOT_ALLOWED,)),
    ),
)
MERGES = Chapter(
    "Réunir deux parcours du même patient",
    "L'un continue, l'autre se ferme et mène au premier. Rien ne doit attendre dans celui qui se ferme : ni item 9, ni "
    "séquence en cours.",
    (
        Example(CARE, ev.RecordsMerged(OTHER_PATHWAY)),
        Example(CARE, ev.RecordsMerged(PATHWAY), (Why.SAME_PATHWAY,)),
        Example(
            CARE.then(on("2026-03-11", ev.RecordsMerged(OTHER_PATHWAY))),
            ev.RecordsMerged(OTHER_PATHWAY),
            (Why.SAME_PATHWAY,),
        ),
        Example(SCREENED, ev.MergedInto(OTHER_PATHWAY)),
        Example(ASSESSMENT, ev.MergedInto(OTHER_PATHWAY)),
        Example(CARE, ev.MergedInto(PATHWAY), (Why.SAME_PATHWAY,)),
        Example(SEQUENCE, ev.MergedInto(OTHER_PATHWAY), (Why.SEQUENCE_ALREADY_OPEN,)),
        Example(CARE.then(on("2026-03-11", AT_RISK)), ev.MergedInto(OTHER_PATHWAY), (Why.SAFETY_NOT_ACKNOWLEDGED,)),
        Example(EXITED, ev.MergedInto(OTHER_PATHWAY), (Why.EVENT_NOT_ALLOWED,)),
    ),
)

PAGE = Page(
    "course",
    "Phases, suspension, transfert, réunion",
    "Sources : page de référence du domaine, étapes 5 à 8. Suspension, transfert, réunion : besoins du logiciel.",
    (PHASES, SUSPENSION, TRANSFERS, MERGES),
)
