"""French texts of every code that a page can show. A test keeps each table complete; templates translate them.

Reasons themselves are worded once, in ``sesame_fhir.fhir.reason_texts``, and the published codes (safety actions,
decisions) in ``mappings.code_systems``; here is the rest, and what the GP can do about a refusal.
"""

from sesame_fhir.domain.identifiers import InsNature
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.delivery import DeliveryError, Written
from sesame_fhir.services.snapshot import NoteCode

_BACK = "Revenir au dossier de l'étape en cours."
_RELOAD = "Recharger la page, puis recommencer."
_TEAM = "Cette étape appartient à l'équipe SÉSAME."

WHAT_TO_DO: dict[ReasonCode, str] = {
    ReasonCode.EVENT_NOT_ALLOWED: _BACK,
    ReasonCode.INCOMPLETE_ANSWERS: "Répondre aux questions signalées.",
    ReasonCode.UNKNOWN_ITEM: _RELOAD,
    ReasonCode.UNKNOWN_ANSWER: _RELOAD,
    ReasonCode.UNKNOWN_INSTRUMENT: _BACK,
    ReasonCode.NO_SUCH_SCREENING: _BACK,
    ReasonCode.TOTAL_CONTRADICTED: _RELOAD,
    ReasonCode.SAFETY_NOT_ACKNOWLEDGED: "Dire ce qui a été fait pour la question 9, puis adresser.",
    ReasonCode.SAFETY_NOTHING_TO_ACKNOWLEDGE: "Rien à faire : continuer.",
    ReasonCode.CLINICIAN_REQUIRED: "Se connecter au logiciel avec un compte de soignant.",
    ReasonCode.MINOR: "SÉSAME s'adresse aux adultes : orienter vers une filière pour mineurs (CMPEA, MDA).",
    ReasonCode.AGE_UNKNOWN: "Compléter la date de naissance dans le dossier, puis rouvrir SÉSAME.",
    ReasonCode.BELOW_THRESHOLD: "Votre jugement clinique peut aller contre le score.",
    ReasonCode.NOT_SCREENED: "Faire d'abord le PHQ-2.",
    ReasonCode.PSYCHIATRIC_FOLLOW_UP: "Prendre l'avis du psychiatre qui suit déjà le patient.",
    ReasonCode.FRENCH_NOT_MASTERED: "Chercher un suivi avec interprète.",
    ReasonCode.NOT_COMMON_MENTAL_DISORDER: "Orienter autrement, ou donner le motif.",
    ReasonCode.CRITERION_UNKNOWN: "Répondre à ce critère, ou donner le motif.",
    ReasonCode.PATIENT_NOT_INFORMED: "Informer le patient, puis confirmer.",
    ReasonCode.PATIENT_REFUSED: "Ne rien partager de plus ; le patient peut changer d'avis plus tard.",
    ReasonCode.OVERRIDE_REASON_REQUIRED: "Écrire le motif en une phrase.",
    ReasonCode.OVERRIDE_NOT_ALLOWED: "Orienter autrement ; l'adressage SÉSAME n'est pas possible.",
    ReasonCode.ELIGIBILITY_NOT_CHECKED: "Vérifier l'éligibilité.",
    ReasonCode.REASON_REQUIRED: "Choisir un motif.",
    ReasonCode.SEQUENCE_ALREADY_OPEN: _TEAM,
    ReasonCode.NO_OPEN_SEQUENCE: _TEAM,
    ReasonCode.SEQUENCE_RANK_OUT_OF_ORDER: _TEAM,
    ReasonCode.MAXIMUM_SEQUENCES_REACHED: _TEAM,
    ReasonCode.SEQUENCE_NOT_FINISHED: _TEAM,
    ReasonCode.SEQUENCE_ALREADY_BILLED: _TEAM,
    ReasonCode.SEQUENCE_STILL_RUNNING: "Attendre la fin prévue, ou enregistrer une sortie.",
    ReasonCode.SEQUENCE_PERIOD_WRONG: "Reprendre les dates proposées.",
    ReasonCode.RENEWAL_TOO_EARLY: "Attendre le dernier mois de la séquence.",
    ReasonCode.NO_SUCH_CLAIM: "Vérifier le numéro de la facture.",
    ReasonCode.CLAIM_CLOSED: "Reprendre avec la nouvelle facture de la séquence.",
    ReasonCode.AMOUNT_DIFFERS: "Comparer le montant avec la facture ; demander un avis rectifié au payeur.",
    ReasonCode.PAYMENT_ALREADY_RECORDED: "Rien à faire : il n'est compté qu'une fois.",
    ReasonCode.ANSWER_ALREADY_RECORDED: "Rien à faire : elle n'est comptée qu'une fois.",
    ReasonCode.BEFORE_CLAIM: "Corriger la date.",
    ReasonCode.BATCH_NOT_OPEN: "Rouvrir le lot pour le modifier.",
    ReasonCode.BATCH_SUBMITTED: "Annuler une par une les factures à reprendre.",
    ReasonCode.OTHER_DRAFT_OPEN: "Figer ou abandonner d'abord cet autre lot.",
    ReasonCode.BATCH_NOT_FROZEN: "Figer d'abord le lot.",
    ReasonCode.BATCH_NOT_APPROVED: "Faire d'abord approuver le lot.",
    ReasonCode.BATCH_EMPTY: "Préparer le mois, ou remettre des lignes retenues.",
    ReasonCode.LINE_DOES_NOT_FIT: "Corriger la donnée à sa source, ou faire changer le format du fichier.",
    ReasonCode.BATCH_CHANGED: "Rouvrir le lot, le préparer à nouveau, puis le figer.",
    ReasonCode.NO_SUCH_BATCH: "Revenir à la liste des lots.",
    ReasonCode.SECOND_PERSON_REQUIRED: "Demander à un collègue de la coordination.",
    ReasonCode.SCHEME_IN_USE: "Donner une nouvelle version, avec sa date de début.",
    ReasonCode.COVERAGE_CODE_WRONG: "Recopier les codes de l'attestation de droits.",
    ReasonCode.DATE_IN_FUTURE: "Corriger la date, ou vérifier l'heure du poste.",
    ReasonCode.BEFORE_REFERRAL: "Corriger la date.",
    ReasonCode.BEFORE_OPENING: "Corriger la date.",
    ReasonCode.BEFORE_LAST_STEP: "Corriger la date.",
    ReasonCode.CLOCK_WENT_BACK: "Prévenir l'administrateur : l'heure du serveur doit être réglée (sesame doctor).",
    ReasonCode.PLANNED_IN_PAST: "Choisir une date à venir.",
    ReasonCode.ATTEMPTS_MISSING: "Noter d'abord les appels manquants.",
    ReasonCode.GOAL_REQUIRED: "Écrire un objectif, si possible avec les mots du patient.",
    ReasonCode.ACTIVITY_REQUIRED: "Cocher au moins une action.",
    ReasonCode.TEXT_REQUIRED: "Compléter le champ signalé.",
    ReasonCode.VALUE_OUT_OF_RANGE: "Vérifier la valeur saisie.",
    ReasonCode.VALUE_NOT_UNDERSTOOD: "Écrire une date comme 22/11/2026, une heure comme 14:30, un nombre en chiffres.",
    ReasonCode.TEXT_TOO_LONG: "Raccourcir le texte ; rien n'a été coupé.",
    ReasonCode.NO_SUCH_CONTACT: "Revenir à la liste des contacts.",
    ReasonCode.CONTACT_ALREADY_CLOSED: "Relire le contact ; le corriger si besoin.",
    ReasonCode.CONTACT_NOT_HELD: "Revenir à la liste des contacts.",
    ReasonCode.CONTACT_ID_TAKEN: "Recharger la page.",
    ReasonCode.DURATION_OUT_OF_RANGE: "Corriger la durée.",
    ReasonCode.NOT_ON_CARE_TEAM: "Demander à l'infirmière de compléter l'équipe de soins.",
    ReasonCode.CARE_TEAM_INCOMPLETE: "Ajouter le membre manquant.",
    ReasonCode.PSYCHIATRIST_REQUIRED: "Se connecter avec le compte du psychiatre.",
    ReasonCode.RECOMMENDATION_REQUIRED: "Choisir une recommandation, ou « pas de changement ».",
    ReasonCode.NO_SUCH_RECOMMENDATION: "Relire les recommandations du patient.",
    ReasonCode.ALREADY_DECIDED: "Relire la réponse enregistrée.",
    ReasonCode.NO_SUCH_MESSAGE: "Revenir aux messages du patient.",
    ReasonCode.SAME_SITE_AND_NURSE: "Choisir un autre site ou une autre infirmière.",
    ReasonCode.SAME_PATHWAY: "Choisir l'autre dossier du patient.",
    ReasonCode.SURVEY_NOT_AGREED: "Demander son accord, ou sortir sans enquête.",
    ReasonCode.CONSENT_STATUS_WRONG: "Choisir une des réponses proposées.",
    ReasonCode.ROLE_NOT_ALLOWED: "S'adresser à un collègue dont c'est le rôle.",
    ReasonCode.OUT_OF_SCOPE: "Demander un transfert, ou ouvrir l'accès exceptionnel avec un motif.",
    ReasonCode.NOT_OWN_PATIENT: "Ouvrir SÉSAME depuis son dossier, ou demander à entrer dans l'équipe de soins.",
    ReasonCode.NOT_PUT_TO_REVIEW: "Demander à l'infirmière de le mettre à la revue.",
    ReasonCode.INS_INVALID: "Recopier les 13 caractères du matricule et les 2 chiffres de sa clé.",
    ReasonCode.INS_DISAGREES: "Vérifier l'identité du patient dans son dossier, par le téléservice INSi.",
    ReasonCode.INS_KNOWN_ALREADY: "Faire vérifier l'identité : un matricule connu ne se remplace pas ici.",
    ReasonCode.PATIENT_MISMATCH: "Fermer cet onglet et rouvrir SÉSAME depuis le bon dossier.",
    ReasonCode.PATIENT_UNKNOWN: _BACK,
    ReasonCode.PROFESSIONAL_UNKNOWN: _BACK,
}

STATES: dict[State, str] = {
    State.NEW: "Pas encore de dépistage.",
    State.SCREENED: "Dépistage enregistré.",
    State.NOT_REFERRED: "Patient non adressé.",
    State.REFERRED: "Adressé à l'infirmière SÉSAME.",
    State.NOT_STARTED: "L'adressage n'a pas débouché sur un suivi.",
    State.ASSESSMENT: "L'infirmière SÉSAME a pris le relais : évaluation initiale en cours.",
    State.CARE: "Suivi SÉSAME en cours.",
    State.RELAPSE_PREVENTION: "Suivi SÉSAME en prévention des rechutes.",
    State.CARE_INTERRUPTED: "Suivi SÉSAME suspendu.",
    State.RELAPSE_PREVENTION_INTERRUPTED: "Prévention des rechutes suspendue.",
    State.EXITED: "Parcours SÉSAME terminé.",
    State.MERGED: "Parcours réuni avec l'autre dossier du même patient.",
}

EVENTS: dict[str, str] = {
    "PatientIdentified": "identité du patient mise à jour",
    "ScreeningRecorded": "questionnaire enregistré",
    "ScreeningCorrected": "questionnaire corrigé",
    "SafetyAcknowledged": "risque suicidaire pris en compte",
    "ConsentRecorded": "accord du patient noté",
    "EligibilityChecked": "éligibilité vérifiée",
    "PatientReferred": "patient adressé à l'infirmière",
    "ReferralDeclined": "patient non adressé",
    "ReferralWithdrawn": "adressage retiré",
    "CallAttempted": "appel de l'infirmière sans réponse",
    "ReferralAccepted": "adressage accepté par l'infirmière",
    "ReferralNotStarted": "adressage sans suite",
    "AssessmentRecorded": "évaluation initiale terminée",
    "TotalRecorded": "score total noté",
    "CareTeamChanged": "équipe de soins modifiée",
    "PlanRecorded": "plan de soins enregistré",
    "RelapsePlanWritten": "plan de prévention des rechutes écrit",
    "ContactPlanned": "contact planifié",
    "ContactMoved": "contact déplacé",
    "ContactCancelled": "contact annulé",
    "ContactCorrected": "contact corrigé",
    "MarkedForReview": "cas mis à la revue",
    "ReviewMarkRemoved": "cas retiré de la revue",
    "SurveyAnswered": "enquête de satisfaction reçue",
    "MessageSent": "message envoyé",
    "ElementsKept": "éléments d'un autre logiciel gardés",
    "MessageRead": "message lu",
    "SequenceExtended": "séquence prolongée",
    "RenewalDecided": "renouvellement décidé",
    "PathwayTransferred": "parcours transféré",
    "RecordsMerged": "dossiers réunis",
    "MergedInto": "parcours réuni avec un autre",
    "ContactHeld": "contact de suivi",
    "ContactMissed": "contact manqué",
    "CaseReviewed": "revue de cas",
    "RecommendationDecided": "décision sur une recommandation",
    "PhaseChanged": "changement de phase",
    "SequenceStarted": "séquence commencée",
    "SequenceFinished": "séquence terminée",
    "SequenceBilled": "séquence facturée",
    "CoverageRecorded": "couverture maladie notée",
    "ClaimAnswered": "réponse à une facture",
    "ClaimPaid": "paiement d'une facture",
    "ClaimCancelled": "facture annulée",
    "ClaimConfirmed": "facture maintenue",
    "PathwayInterrupted": "suivi suspendu",
    "PathwayResumed": "suivi repris",
    "PathwayExited": "sortie du parcours",
}

INS_MARKS: dict[InsNature, str] = {
    InsNature.NIR: "INS qualifiée",
    InsNature.NIA: "INS qualifiée",
    InsNature.TEST: "INS de test",
    InsNature.DEMO: "INS de démonstration",
}

WRITTEN: dict[Written, str] = {
    Written.WRITTEN: "Écrit",
    Written.IN_DOCUMENT: "Écrit (document)",
    Written.TO_PASTE: "À coller",
    Written.WAITING: "En attente d'envoi",
    Written.WAITING_FOR_LAUNCH: "À la prochaine ouverture",
    Written.UPDATE_WAITING: "Correction en attente",
}

DELIVERY_ERRORS: dict[DeliveryError, str] = {
    DeliveryError.NO_LAUNCH: "la session avec le logiciel est fermée",
    DeliveryError.TOKEN_REFUSED: "la session avec le logiciel a expiré",
    DeliveryError.OUT_OF_SCOPE: "le logiciel n'autorise pas cette écriture",
    DeliveryError.TYPE_NOT_SUPPORTED: "le logiciel ne reçoit pas ce type de donnée",
    DeliveryError.NO_DEDUPLICATION: "le logiciel ne peut pas éviter les doublons",
    DeliveryError.FORBIDDEN: "le logiciel refuse l'accès",
    DeliveryError.REFUSED_BY_RECORD: "le logiciel refuse le contenu",
    DeliveryError.PATIENT_GONE: "le dossier n'existe plus dans le logiciel",
    DeliveryError.CONFLICT: "le logiciel signale un conflit",
    DeliveryError.SEVERAL_IN_RECORD: "le dossier contient plusieurs exemplaires",
    DeliveryError.THROTTLED: "le logiciel demande d'attendre",
    DeliveryError.RECORD_FAILED: "le logiciel est en panne",
    DeliveryError.RECORD_UNREACHABLE: "le logiciel ne répond pas",
    DeliveryError.NOT_FHIR: "le logiciel a répondu autre chose que prévu",
    DeliveryError.WAITING_FOR_DEPENDENCY: "attend l'envoi qui précède",
    DeliveryError.OUT_OF_TIME: "envoi en cours",
    DeliveryError.NOT_PUBLISHED: "en préparation",
    DeliveryError.INTERNAL: "une erreur de SÉSAME",
}

RESOURCES: dict[str, str] = {
    "QuestionnaireResponse": "Réponses au questionnaire",
    "Observation": "Score",
    "ServiceRequest": "Adressage",
    "Task": "Demande à l'infirmière",
    "Communication": "Revue de cas",
    "DocumentReference": "Compte rendu (PDF)",
    "Consent": "Accord du patient",
    "Flag": "Alerte risque suicidaire",
}

NOTES: dict[NoteCode, str] = {
    NoteCode.INS_INVALID: "L'INS du dossier n'est pas valide : elle n'est pas reprise.",
    NoteCode.INS_NOT_QUALIFIED: "L'INS du dossier n'est pas qualifiée : elle n'est pas reprise.",
    NoteCode.INS_AMBIGUOUS: "Le dossier contient plusieurs INS : aucune n'est reprise.",
    NoteCode.NOT_ANSWERED: "Le logiciel n'a pas donné toutes les informations du dossier.",
    NoteCode.PRACTITIONER_UNREADABLE: "Le logiciel n'a pas dit qui vous êtes en détail.",
    NoteCode.RPPS_INVALID: "Votre numéro RPPS n'est pas valide dans le logiciel.",
}

STATE_BEGINS: frozenset[State] = frozenset(
    {State.SCREENED, State.NOT_REFERRED, State.REFERRED, State.NOT_STARTED, State.EXITED}
)
"""States that are told with the day they began (« le »); the others go on (« depuis le »)."""

_LIMIT = "Un score n'est pas un diagnostic."
MEANINGS: dict[tuple[InstrumentId, bool | None], str] = {
    (InstrumentId.PHQ_2, True): f"Une dépression est possible : l'entretien le dira. {_LIMIT}",
    (InstrumentId.PHQ_2, False): "Une dépression est peu probable ; votre jugement clinique prime.",
    (InstrumentId.GAD_2, True): f"Un trouble anxieux est possible : l'entretien le dira. {_LIMIT}",
    (InstrumentId.GAD_2, False): "Un trouble anxieux est peu probable ; votre jugement clinique prime.",
    (InstrumentId.PHQ_9, None): f"Mesure l'intensité des symptômes dépressifs sur deux semaines. {_LIMIT}",
    (InstrumentId.GAD_7, None): f"Mesure l'intensité des symptômes anxieux sur deux semaines. {_LIMIT}",
    (InstrumentId.AUDIT_C, True): f"Consommation d'alcool à évaluer avec le patient. {_LIMIT}",
    (InstrumentId.AUDIT_C, False): "Sous le seuil de repérage pour ce patient.",
}
"""What a result means, with its limits, by instrument and positivity (None: the instrument has bands only)."""

PHQ_2_SENSITIVITY: dict[int, int] = {2: 86, 3: 61}
"""Threshold -> depressions found out of 100 (domain page, step 1; PMC2906530)."""

POSITIVITY: dict[bool, str] = {True: "Dépistage positif", False: "Dépistage négatif"}
