"""Domain Instrument -> R4 Questionnaire (SDC): the domain's text and weights, never retyped.

The weights are published twice (on the option and on its coding) for other engines, but the score expression counts
codes: it is the only form that six engines were measured to agree on, and its guard keeps a partial form without a
total. The score that counts is computed in Python (``domain.scoring``).
"""

from itertools import chain

from mappings.claimed import claimed
from mappings.code_systems import PUBLISHED, PUBLISHER, TOTALS, total_code
from mappings.datatypes import coding, compact, concept, extension
from mappings.fields import FieldMap
from sesame_fhir.domain.instruments import Answer, Band, Instrument, Item
from sesame_fhir.fhir.canonical import (
    EXTENSION_ROOT,
    LOINC,
    OBSERVATION_CATEGORY,
    ORDINAL_VALUE,
    TRANSLATION,
    UCUM,
    own,
)
from sesame_fhir.fhir.json_types import Json

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
INSTRUCTION_LINK_ID = "instruction"

FIELDS = (
    FieldMap(
        Instrument,
        mapped={
            "id": "Questionnaire.url",
            "title": "Questionnaire.title",
            "version": "Questionnaire.version",
            "instruction": "Questionnaire.item.text",
            "instruction_en": "Questionnaire.item.text.extension",
            "items": "Questionnaire.item",
            "panel_loinc": "Questionnaire.code",
            "total_loinc": "Questionnaire.item.code",
            "copyright": "Questionnaire.copyright",
        },
        omitted={"bands": "Interpretation is not part of the form; each Observation carries its own band."},
    ),
    FieldMap(
        Item,
        mapped={
            "link_id": "Questionnaire.item.linkId",
            "loinc": "Questionnaire.item.code",
            "text": "Questionnaire.item.text",
            "answers": "Questionnaire.item.answerOption",
            "text_en": "Questionnaire.item.text.extension",
            "scored": "Questionnaire.item.extension",
            "required": "Questionnaire.item.required",
            "depends_on_any": "Questionnaire.item.enableWhen",
        },
        omitted={"safety": "The flag is raised by domain.scoring and published as a Flag, not by the form."},
    ),
    FieldMap(
        Answer,
        mapped={
            "code": "Questionnaire.item.answerOption.value.code",
            "text": "Questionnaire.item.answerOption.value.display",
            "weight": "Questionnaire.item.answerOption.extension",
            "text_en": "Questionnaire.item.answerOption.value.display.extension",
        },
    ),
    FieldMap(
        Band,
        mapped={"code": "CodeSystem.concept.code", "label": "CodeSystem.concept.display"},
        omitted={
            "low": "A threshold is a rule, not a code: it stays in the domain.",
            "high": "A threshold is a rule, not a code: it stays in the domain.",
        },
    ),
)


def questionnaire_url(instrument: Instrument) -> str:
    """Canonical URL, without version."""
    return own("Questionnaire", instrument.id.value)


def total_coding(instrument: Instrument) -> Json:
    """LOINC total, or our local code where none is verified (GAD-2).

    LOINC codes carry no display here: theirs is English, and a French one of ours would not be LOINC's.
    """
    if instrument.total_loinc is None:
        return TOTALS.coding(total_code(instrument.id))
    return coding(LOINC, instrument.total_loinc)


def total_link_id(instrument: Instrument) -> str:
    """LinkId of the computed total: its code, which is never the code of a question."""
    return instrument.total_loinc or total_code(instrument.id)


def score_expression(instrument: Instrument) -> str:
    """FHIRPath of the total: empty while a scored item is unanswered, otherwise a weighted count of answer codes.

    Raises:
        ValueError: one code has two weights, or an unscored question shares a weighted code; counting would be wrong.
    """
    weights: dict[str, int] = {}
    for answer in chain.from_iterable(item.answers for item in instrument.scored_items):
        if weights.setdefault(answer.code, answer.weight) != answer.weight:
            raise ValueError(f"{instrument.id}: {answer.code} has two weights")
    unscored = [item for item in instrument.items if not item.scored]
    if any(weights.get(answer.code) for item in unscored for answer in item.answers):
        raise ValueError(f"{instrument.id}: an unscored question shares a weighted answer code")
    left_out = [total_link_id(instrument), *(item.link_id for item in unscored)]
    asked = " and ".join(f"linkId!='{link_id}'" for link_id in left_out)
    terms = [_term(level, weights) for level in sorted(set(weights.values())) if level]
    return (
        f"iif(%resource.item.where({asked}).answer.count()={len(instrument.scored_items)}, "
        + " + ".join(terms)
        + ", {})"
    )


def _term(level: int, weights: dict[str, int]) -> str:
    wanted = " or ".join(f"code='{code}'" for code, weight in weights.items() if weight == level)
    counted = f"%resource.item.answer.value.where({wanted}).count()"
    return counted if level == 1 else f"{level}*{counted}"


def questionnaire(instrument: Instrument) -> Json:
    """Build the Questionnaire: instruction, questions, computed total."""
    questions = [_question(instrument, item) for item in instrument.items]
    return compact(
        {
            "resourceType": "Questionnaire",
            "id": instrument.id.value,
            "meta": claimed("Questionnaire", "instrument"),
            "language": "fr",
            "url": questionnaire_url(instrument),
            "version": instrument.version,
            "name": instrument.title.replace("-", ""),
            "title": instrument.title,
            "status": "active",
            "experimental": False,
            "subjectType": ["Patient"],
            "date": PUBLISHED,
            "publisher": PUBLISHER,
            "copyright": instrument.copyright,
            "code": [coding(LOINC, instrument.panel_loinc)] if instrument.panel_loinc else None,
            "item": [_instruction(instrument), *questions, _total(instrument)],
        }
    )


def _instruction(instrument: Instrument) -> Json:
    return compact(
        {
            "linkId": INSTRUCTION_LINK_ID,
            "text": instrument.instruction,
            "_text": _english(instrument.instruction_en),
            "type": "display",
        }
    )


def _question(instrument: Instrument, item: Item) -> Json:
    conditions = _any_scored_above_zero(instrument) if item.depends_on_any else None
    return compact(
        {
            "linkId": item.link_id,
            "code": [coding(LOINC, item.loinc)],
            "text": item.text,
            "_text": _english(item.text_en),
            "type": "choice",
            "extension": [_radio()],
            "enableWhen": conditions,
            "enableBehavior": "any" if conditions else None,
            "required": item.required,
            "repeats": False,
            "answerOption": [_option(answer, scored=item.scored) for answer in item.answers],
        }
    )


def _option(answer: Answer, *, scored: bool) -> Json:
    """An unscored question's options carry no ordinal: engines that sum ordinals would add them to the total."""
    weights = [extension(ORDINAL_VALUE, "Decimal", answer.weight)] if scored else None
    value = compact(
        {
            "system": LOINC,
            "code": answer.code,
            "display": answer.text,
            "_display": _english(answer.text_en),
            "extension": weights,
        }
    )
    return compact({"extension": weights, "valueCoding": value})


def _any_scored_above_zero(instrument: Instrument) -> list[Json]:
    return [
        {"question": item.link_id, "operator": "=", "answerCoding": coding(LOINC, answer.code)}
        for item in instrument.scored_items
        for answer in item.answers
        if answer.weight > 0
    ]


def _total(instrument: Instrument) -> Json:
    expression = {
        "description": "Score total ; vide tant qu'une question comptée est sans réponse.",
        "language": "text/fhirpath",
        "expression": score_expression(instrument),
    }
    return {
        "linkId": total_link_id(instrument),
        "code": [total_coding(instrument)],
        "text": "Score total",
        "_text": _english("Total score"),
        "type": "integer",
        "readOnly": True,
        "required": False,
        "extension": [
            extension(f"{SDC}/sdc-questionnaire-calculatedExpression", "Expression", expression),
            extension(f"{SDC}/sdc-questionnaire-observationExtract", "Boolean", value=True),
            extension(
                f"{SDC}/sdc-questionnaire-observation-extract-category",
                "CodeableConcept",
                concept(coding(OBSERVATION_CATEGORY, "survey", "Survey")),
            ),
            extension(f"{EXTENSION_ROOT}/questionnaire-unit", "Coding", coding(UCUM, "{score}", "score")),
        ],
    }


def _radio() -> Json:
    control = coding("http://hl7.org/fhir/questionnaire-item-control", "radio-button", "Radio Button")
    return extension(f"{EXTENSION_ROOT}/questionnaire-itemControl", "CodeableConcept", concept(control))


def _english(text: str | None) -> Json | None:
    if text is None:
        return None
    content = [extension("lang", "Code", "en"), extension("content", "String", text)]
    return {"extension": [{"url": TRANSLATION, "extension": content}]}
