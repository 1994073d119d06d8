from decimal import Decimal

import pytest

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import IssueType
from sesame_fhir.fhir.questionnaire_response import check_answers

LOINC = "http://loinc.org"
NEVER = {"system": LOINC, "code": "LA6568-5"}
OFTEN = {"system": LOINC, "code": "LA6571-9"}
FORM: Json = {
    "resourceType": "Questionnaire",
    "url": "https://sesame-fhir.fr/ig/Questionnaire/form",
    "version": "1.0.0",
    "status": "active",
    "item": [
        {"linkId": "intro", "type": "display", "text": "…"},
        {
            "linkId": "mood",
            "type": "choice",
            "required": True,
            "answerOption": [{"valueCoding": NEVER}, {"valueCoding": OFTEN}],
        },
        {
            "linkId": "why",
            "type": "string",
            "required": True,
            "maxLength": 5,
            "enableWhen": [{"question": "mood", "operator": "=", "answerCoding": OFTEN}],
        },
        {
            "linkId": "habits",
            "type": "group",
            "item": [
                {"linkId": "glasses", "type": "integer", "required": True},
                {"linkId": "kinds", "type": "open-choice", "repeats": True, "answerOption": [{"valueString": "vin"}]},
                {
                    "linkId": "many",
                    "type": "boolean",
                    "enableWhen": [{"question": "glasses", "operator": ">", "answerInteger": 3}],
                },
            ],
        },
    ],
}


def response(
    *items: Json, status: str = "completed", questionnaire: str = "https://sesame-fhir.fr/ig/Questionnaire/form"
) -> Json:
    return {
        "resourceType": "QuestionnaireResponse",
        "status": status,
        "questionnaire": questionnaire,
        "item": list(items),
    }


def answered(link_id: str, *values: Json) -> Json:
    return {"linkId": link_id, "answer": list(values)}


MOOD = answered("mood", {"valueCoding": {**NEVER, "display": "Jamais"}})
MOOD_OFTEN = answered("mood", {"valueCoding": OFTEN})
GLASSES = {"linkId": "habits", "item": [answered("glasses", {"valueInteger": 2})]}

RIGHT = [
    response({"linkId": "intro"}, MOOD, GLASSES),
    response(MOOD_OFTEN, answered("why", {"valueString": "stres"}), GLASSES),
    response(
        MOOD,
        {
            "linkId": "habits",
            "item": [answered("glasses", {"valueInteger": 4}), answered("many", {"valueBoolean": True})],
        },
    ),
    response(
        MOOD,
        {
            "linkId": "habits",
            "item": [
                answered("glasses", {"valueInteger": 0}),
                answered("kinds", {"valueString": "vin"}, {"valueString": "cidre"}),
            ],
        },
    ),
    response(status="in-progress"),
    response(MOOD, GLASSES, questionnaire="https://sesame-fhir.fr/ig/Questionnaire/form|1.0.0"),
]
MAIN = "QuestionnaireResponse"
WRONG: list[tuple[Json, IssueType, str]] = [
    (response(GLASSES), IssueType.REQUIRED, MAIN),
    (response(MOOD), IssueType.REQUIRED, MAIN),
    (response(MOOD, {"linkId": "habits"}), IssueType.REQUIRED, f"{MAIN}.item[1]"),
    (response(MOOD_OFTEN, GLASSES), IssueType.REQUIRED, MAIN),
    (response({"linkId": "mood"}, GLASSES), IssueType.REQUIRED, f"{MAIN}.item[0]"),
    (response(MOOD, GLASSES, answered("x", {"valueInteger": 1})), IssueType.CODE_INVALID, f"{MAIN}.item[2].linkId"),
    (
        response(MOOD, GLASSES, answered("glasses", {"valueInteger": 1})),
        IssueType.CODE_INVALID,
        f"{MAIN}.item[2].linkId",
    ),
    (response(GLASSES, MOOD), IssueType.STRUCTURE, f"{MAIN}.item[1]"),
    (response(MOOD, MOOD, GLASSES), IssueType.DUPLICATE, f"{MAIN}.item[1].linkId"),
    (
        response(answered("mood", {"valueCoding": {**NEVER, "code": "LA6572-7"}}), GLASSES),
        IssueType.CODE_INVALID,
        f"{MAIN}.item[0].answer[0].valueCoding",
    ),
    (
        response(answered("mood", {"valueCoding": {**NEVER, "system": "urn:x"}}), GLASSES),
        IssueType.CODE_INVALID,
        f"{MAIN}.item[0].answer[0].valueCoding",
    ),
    (response(answered("mood", {"valueString": "Jamais"}), GLASSES), IssueType.STRUCTURE, f"{MAIN}.item[0].answer[0]"),
    (
        response(answered("mood", {"valueCoding": NEVER}, {"valueCoding": OFTEN}), GLASSES),
        IssueType.STRUCTURE,
        f"{MAIN}.item[0].answer",
    ),
    (response(MOOD, GLASSES, answered("why", {"valueString": "x"})), IssueType.BUSINESS_RULE, f"{MAIN}.item[2]"),
    (
        response(MOOD_OFTEN, GLASSES, answered("why", {"valueString": "trop long"})),
        IssueType.TOO_LONG,
        f"{MAIN}.item[2].answer[0].valueString",
    ),
    (response(answered("intro", {"valueString": "x"}), MOOD, GLASSES), IssueType.STRUCTURE, f"{MAIN}.item[0].answer"),
    (
        response(MOOD, GLASSES, questionnaire="https://sesame-fhir.fr/ig/Questionnaire/other"),
        IssueType.INVALID,
        f"{MAIN}.questionnaire",
    ),
    (response(GLASSES, status="amended"), IssueType.REQUIRED, MAIN),
]


@pytest.mark.parametrize("given", RIGHT)
def test_right(given: Json) -> None:
    assert check_answers(given, FORM) == []


@pytest.mark.parametrize(("given", "code", "place"), WRONG)
def test_wrong(given: Json, code: IssueType, place: str) -> None:
    assert (code, (place,)) in {(issue.code, issue.expression) for issue in check_answers(given, FORM)}


def condition(sign: str, **answer: object) -> Json:
    return {
        "url": "https://sesame-fhir.fr/ig/Questionnaire/form",
        "item": [
            {"linkId": "a", "type": "decimal"},
            {"linkId": "d", "type": "date"},
            {"linkId": "b", "type": "boolean", "enableWhen": [{"question": "a", "operator": sign, **answer}]},
        ],
    }


@pytest.mark.parametrize(
    ("sign", "answer", "given", "asked"),
    [
        ("exists", {"answerBoolean": True}, Decimal(1), True),
        ("exists", {"answerBoolean": True}, None, False),
        ("exists", {"answerBoolean": False}, None, True),
        ("=", {"answerDecimal": Decimal("1.0")}, Decimal(1), True),
        ("=", {"answerDecimal": Decimal(2)}, Decimal(1), False),
        ("!=", {"answerDecimal": Decimal(2)}, Decimal(1), True),
        ("!=", {"answerDecimal": Decimal(2)}, None, False),
        (">", {"answerDecimal": Decimal(1)}, Decimal(1), False),
        (">=", {"answerDecimal": Decimal(1)}, Decimal(1), True),
        ("<", {"answerDecimal": Decimal(2)}, Decimal(1), True),
        ("<=", {"answerDecimal": Decimal(0)}, Decimal(1), False),
        ("<=", {"answerString": "z"}, Decimal(1), False),
    ],
)
def test_enable_when(sign: str, answer: Json, given: Decimal | None, *, asked: bool) -> None:
    items = [answered("a", {"valueDecimal": given})] if given is not None else []
    issues = check_answers(response(*items, answered("b", {"valueBoolean": True})), condition(sign, **answer))
    assert [issue.code for issue in issues] == ([] if asked else [IssueType.BUSINESS_RULE])
