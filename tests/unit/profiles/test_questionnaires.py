"""The published questionnaires and codes: same as the domain, complete, and scored alike by an independent engine."""

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from fhirpathpy import compile as compile_path
from fhirpathpy.models import models

from mappings.profiles import FOLDER, generated, load_questionnaires, write
from mappings.questionnaire import questionnaire, questionnaire_url, score_expression, total_link_id
from sesame_fhir.domain import scoring
from sesame_fhir.domain.instruments import INSTRUMENTS, Answer, Instrument, InstrumentId, Item
from sesame_fhir.fhir.canonical import LOINC, ORDINAL_VALUE
from sesame_fhir.fhir.json_types import Json

CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
EVERY = list(INSTRUMENTS.values())
Engine = Callable[[dict[str, str]], int | None]


def _published(instrument: Instrument) -> Json:
    return load_questionnaires()[f"{questionnaire_url(instrument)}|{instrument.version}"]


def _item(resource: Json, link_id: str) -> Json:
    found: Json = next(item for item in resource["item"] if item["linkId"] == link_id)
    return found


def _engine(instrument: Instrument) -> Engine:
    """Evaluate the published expression with fhirpathpy, compiled once, over the plainest possible response."""
    total = _item(_published(instrument), total_link_id(instrument))
    expression = next(e for e in total["extension"] if e["url"] == CALCULATED)["valueExpression"]["expression"]
    run: Any = compile_path(expression, models["r4"])

    def evaluate(answers: dict[str, str]) -> int | None:
        items = [
            {"linkId": link_id, "answer": [{"valueCoding": {"system": LOINC, "code": code}}]}
            for link_id, code in answers.items()
        ]
        # A stale total, as an engine that saved the form before may have left: it must not count as an answer.
        items.append({"linkId": total_link_id(instrument), "answer": [{"valueInteger": 99}]})
        response = {"resourceType": "QuestionnaireResponse", "item": items}
        found: list[int] = run(response, {"resource": response})
        assert len(found) <= 1
        return found[0] if found else None

    return evaluate


def _compare(instrument: Instrument, sets: Iterable[dict[str, str]]) -> int:
    evaluate = _engine(instrument)
    count = 0
    for answers in sets:
        assert evaluate(answers) == scoring.score(instrument, answers).total, answers
        count += 1
    return count


def _shuffled_sets(instrument: Instrument, seed: int) -> Iterable[dict[str, str]]:
    """Every choice of answers, in random places, without and with an answer to the question that is not scored."""
    rng = random.Random(seed)  # noqa: S311  a reproducible sample, not a secret
    scored, answers = instrument.scored_items, [answer.code for answer in instrument.scored_items[0].answers]
    assert all([answer.code for answer in item.answers] == answers for item in scored)
    unscored = [item for item in instrument.items if not item.scored]
    for chosen in itertools.combinations_with_replacement(answers, len(scored)):
        for also in ({}, {item.link_id: rng.choice(item.answers).code for item in unscored}):
            codes = rng.sample(chosen, len(chosen))
            yield {item.link_id: code for item, code in zip(scored, codes, strict=True)} | also


@pytest.mark.parametrize(
    ("instrument", "expected"), [(INSTRUMENTS[InstrumentId.PHQ_2], 16), (INSTRUMENTS[InstrumentId.GAD_2], 16)]
)
def test_score_expression_agrees_on_every_answer(instrument: Instrument, expected: int) -> None:
    choices = [[answer.code for answer in item.answers] for item in instrument.items]
    links = [item.link_id for item in instrument.items]
    assert _compare(instrument, (dict(zip(links, c, strict=True)) for c in itertools.product(*choices))) == expected


def test_score_expression_agrees_on_every_audit_c() -> None:
    instrument = INSTRUMENTS[InstrumentId.AUDIT_C]
    choices = [[(item.link_id, answer.code) for answer in item.answers] for item in instrument.items]
    assert _compare(instrument, map(dict, itertools.product(*choices))) == 125


@pytest.mark.parametrize(("name", "expected"), [(InstrumentId.PHQ_9, 2 * 220), (InstrumentId.GAD_7, 2 * 120)])
def test_score_expression_agrees_on_every_choice_of_answers(name: InstrumentId, expected: int) -> None:
    """One evaluation takes about 1.5 ms: every choice is asked, not every order of it (262,144 for PHQ-9)."""
    assert _compare(INSTRUMENTS[name], _shuffled_sets(INSTRUMENTS[name], seed=20261122)) == expected


@pytest.mark.parametrize("instrument", EVERY, ids=lambda i: i.id)
def test_a_partial_form_has_no_score_in_either_engine(instrument: Instrument) -> None:
    """Every subset of missing scored items; an answered unscored question never stands in for a missing one."""
    unscored = {item.link_id: item.answers[-1].code for item in instrument.items if not item.scored}
    full = {item.link_id: item.answers[-1].code for item in instrument.scored_items}
    kept = [dict(part) | unscored for size in range(len(full)) for part in itertools.combinations(full.items(), size)]
    assert len(kept) == 2 ** len(full) - 1
    evaluate = _engine(instrument)
    for answers in kept:
        assert scoring.score(instrument, answers).total is None
        assert evaluate(answers) is None


@pytest.mark.parametrize(
    "broken",
    [
        Item("b", "b", "B", (Answer("x", "X", 2),)),
        Item("b", "b", "B", (Answer("x", "X", 1),), scored=False),
    ],
    ids=["one code, two weights", "unscored question with a weighted code"],
)
def test_an_instrument_that_counting_would_score_wrong_is_refused(broken: Item) -> None:
    instrument = Instrument(
        InstrumentId.PHQ_2, "T", "1", "I", (Item("a", "a", "A", (Answer("x", "X", 1),)), broken), (), None, "t", "c"
    )
    with pytest.raises(ValueError, match="weight"):
        score_expression(instrument)


@pytest.mark.parametrize("name", generated())
def test_file_is_what_the_domain_gives(name: str) -> None:
    """Run ``python -m mappings.profiles --write`` after a change of an instrument or of a local code."""
    assert json.loads((FOLDER / name).read_text(encoding="utf-8")) == generated()[name]


def test_writing_again_changes_no_byte(tmp_path: Path) -> None:
    write(tmp_path)
    for name in generated():
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


def test_no_file_is_left_behind() -> None:
    kinds = ("Questionnaire-*", "CodeSystem-*", "ValueSet-*", "Measure-*", "ConceptMap-*", "NamingSystem-*", "Impl*")
    assert {path.name for kind in kinds for path in FOLDER.glob(kind)} == set(generated())


def test_the_loader_finds_each_form_by_url_and_by_version() -> None:
    assert {r["id"] for r in load_questionnaires().values()} == {i.value for i in InstrumentId}
    found = load_questionnaires()
    assert all(canonical.partition("|")[0] == resource["url"] for canonical, resource in found.items())
    assert len(found) == 2 * len({resource["url"] for resource in found.values()})


@pytest.mark.parametrize("instrument", EVERY, ids=lambda i: i.id)
def test_form_says_what_the_instrument_says(instrument: Instrument) -> None:
    resource = _published(instrument)
    assert (resource["language"], resource["subjectType"]) == ("fr", ["Patient"])
    assert resource["copyright"] == instrument.copyright
    for item in instrument.items:
        asked = _item(resource, item.link_id)
        assert asked["text"] == item.text
        assert asked["required"] is item.required
        assert asked["code"] == [{"system": LOINC, "code": item.loinc}]
        options = [
            (option["valueCoding"]["code"], option["valueCoding"]["display"]) for option in asked["answerOption"]
        ]
        assert options == [(answer.code, answer.text) for answer in item.answers]


@pytest.mark.parametrize("instrument", EVERY, ids=lambda i: i.id)
def test_weight_is_on_the_option_and_on_its_coding(instrument: Instrument) -> None:
    resource = _published(instrument)
    for item in instrument.scored_items:
        for option, answer in zip(_item(resource, item.link_id)["answerOption"], item.answers, strict=True):
            weights = [{"url": ORDINAL_VALUE, "valueDecimal": answer.weight}]
            assert option["extension"] == weights
            assert option["valueCoding"]["extension"] == weights


def test_item_10_is_asked_when_any_scored_item_is_above_zero_and_is_never_required() -> None:
    item = _item(questionnaire(INSTRUMENTS[InstrumentId.PHQ_9]), "69722-7")
    assert (item["enableBehavior"], item["required"]) == ("any", False)
    assert len(item["enableWhen"]) == 9 * 3
    assert "LA6568-5" not in {condition["answerCoding"]["code"] for condition in item["enableWhen"]}


def test_english_stands_beside_the_french_where_there_is_one() -> None:
    first = _item(questionnaire(INSTRUMENTS[InstrumentId.PHQ_2]), "44250-9")
    parts = {e["url"]: e for e in first["_text"]["extension"][0]["extension"]}
    assert parts["lang"]["valueCode"] == "en"
    assert parts["content"]["valueString"] == "Little interest or pleasure in doing things"
    assert "_text" not in _item(questionnaire(INSTRUMENTS[InstrumentId.AUDIT_C]), "68518-0")


def test_loader_works_as_installed(tmp_path: Path) -> None:
    """As in a wheel: the packages side by side somewhere else, started from another folder."""
    root = FOLDER.parent
    for package in ("mappings", "profiles", "sesame_fhir"):
        shutil.copytree(root / package, tmp_path / "site" / package, ignore=shutil.ignore_patterns("__pycache__"))
    script = "from mappings.profiles import FOLDER, load_questionnaires as l; print(FOLDER, len(l()))"
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(tmp_path / "site" / "profiles"), str(2 * len(InstrumentId))]
