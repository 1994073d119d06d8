"""Screening <-> QuestionnaireResponse: the answers themselves, coded in LOINC, with the French words that were read.

The score is not the response's: it is recomputed from the answers on the way in, never believed.
"""

from datetime import datetime

from mappings.claimed import claimed
from mappings.datatypes import coding, compact, identifier, instant, reference
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from mappings.questionnaire import questionnaire_url, total_link_id
from sesame_fhir.domain import scoring
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument, Item
from sesame_fhir.domain.pathway import Screening
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.fhir.canonical import LOINC, identifier_system
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        Screening,
        mapped={
            "screening_id": "QuestionnaireResponse.identifier",
            "instrument": "QuestionnaireResponse.questionnaire",
            "answers": "QuestionnaireResponse.item.answer.value",
            "total": "QuestionnaireResponse.item.answer.value",
            "authored": "QuestionnaireResponse.authored",
            "author": "QuestionnaireResponse.author",
            "amended": "QuestionnaireResponse.status",
            "instrument_version": "QuestionnaireResponse.questionnaire",
        },
        omitted={
            "first_authored": "When the patient first answered is the Observation's effective time.",
            "safety_flag": "Published as a Flag (mappings.flag).",
            "acknowledged_by": "Published with the acknowledgement's Task (mappings.flag).",
            "acknowledged_at": "Published with the acknowledgement's Task (mappings.flag).",
            "acknowledged_action": "Published with the acknowledgement's Task (mappings.flag).",
        },
    ),
)


def questionnaire_response(screening: Screening, subject: Json, contact_id: str | None = None) -> Json:
    """Build the response; ``contact_id`` is the nurse's contact in which it was taken.

    The GP's consultation is added on the way to a record: that encounter is the record's, not ours.
    """
    instrument = INSTRUMENTS[screening.instrument]
    canonical = f"{questionnaire_url(instrument)}|{screening.instrument_version}"
    answered = [
        _answered(item, screening.answers[item.link_id])
        for item in instrument.items
        if item.link_id in screening.answers and _asked(instrument, item, screening.answers)
    ]
    return compact(
        {
            "resourceType": "QuestionnaireResponse",
            "id": screening.screening_id,
            "meta": claimed("QuestionnaireResponse", "screening"),
            "language": "fr",
            "identifier": identifier("screening", screening.screening_id),
            "questionnaire": canonical,
            "status": "amended" if screening.amended else "completed",
            "subject": subject,
            "encounter": reference("Encounter", contact_id) if contact_id else None,
            "authored": instant(screening.authored),
            "author": actor_reference(screening.author, subject),
            "source": subject,
            "item": [*answered, *_total(instrument, screening.total)],
        }
    )


def _asked(instrument: Instrument, item: Item, answers: scoring.Answers) -> bool:
    """SDC: a question that the other answers disable has no answer in the response (PHQ-9 item 10 when all are 0)."""
    return not item.depends_on_any or any(
        scoring.weight(instrument, scored.link_id, answers.get(scored.link_id, ""))
        for scored in instrument.scored_items
    )


def _answered(item: Item, code: str) -> Json:
    display = next((answer.text for answer in item.answers if answer.code == code), None)
    return {"linkId": item.link_id, "text": item.text, "answer": [{"valueCoding": coding(LOINC, code, display)}]}


def _total(instrument: Instrument, total: int | None) -> list[Json]:
    if total is None:
        return []
    return [{"linkId": total_link_id(instrument), "text": "Score total", "answer": [{"valueInteger": total}]}]


def instrument_of(resource: Json) -> Instrument | None:
    """The instrument a response answers, by canonical, whatever its version; None for a form that is not ours."""
    url = str(resource.get("questionnaire", "")).partition("|")[0]
    return next((i for i in INSTRUMENTS.values() if questionnaire_url(i) == url), None)


def answers_of(resource: Json, instrument: Instrument) -> dict[str, str]:
    """Answers of a response, linkId -> code, without the computed total; check them with ``scoring.check_answers``."""
    found: dict[str, str] = {}
    for item in resource.get("item", ()):
        link_id = item.get("linkId")
        answers = item.get("answer", ())
        if link_id and answers and link_id != total_link_id(instrument):
            found[link_id] = str(answers[0].get("valueCoding", {}).get("code", ""))
    return found


def screening_of(resource: Json, author: Actor) -> Screening:
    """Read a screening from a response of one of our instruments; total and flag are computed from its answers.

    ``author`` is who the reader knows acted (a reference in a resource proves nobody).

    Raises:
        Refused: another form, or answers that do not belong to the instrument.
        ValueError: ``authored`` is absent or not a date and time with its zone.
    """
    instrument = instrument_of(resource)
    if instrument is None:
        raise Refused(Reason(ReasonCode.UNKNOWN_INSTRUMENT))
    answers = answers_of(resource, instrument)
    if problems := scoring.check_answers(instrument, answers):
        raise Refused(*problems)
    version = str(resource["questionnaire"]).partition("|")[2]
    return Screening(
        screening_id=ScreeningId(_screening_id(resource)),
        instrument=instrument.id,
        instrument_version=version or instrument.version,
        answers=answers,
        total=scoring.score(instrument, answers).total,
        safety_flag=scoring.raises_safety_flag(instrument, answers),
        authored=_moment(str(resource.get("authored", ""))),
        author=author,
        amended=resource.get("status") == "amended",
    )


def _screening_id(resource: Json) -> str:
    known = resource.get("identifier", {})
    ours = known.get("system") == identifier_system("screening")
    return str(known.get("value", "") if ours else resource.get("id", ""))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("authored has no time zone")
    return moment
