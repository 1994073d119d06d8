"""The examples as test parameters, and what the product answers to them."""

from typing import Any

import pytest

from sesame_fhir.domain.guards import refusals
from sesame_fhir.domain.reasons import ReasonCode
from tests.specification.model import Chapter, Example, Page, Situation, Table
from tests.specification.words import say


def examples(page: Page) -> list[Any]:
    """Every "may this be done here?" of a page; the id names chapter, place and what is asked."""
    return [
        pytest.param(example, id=f"{chapter.title}-{number}-{say(example.asked)[:40]}")
        for chapter in page.parts
        if isinstance(chapter, Chapter)
        for number, example in enumerate(chapter.examples, start=1)
    ]


def cases(page: Page) -> list[Any]:
    """Every row of the computed tables of a page."""
    return [
        pytest.param(table, number, id=f"{table.title}-{number + 1}")
        for table in page.parts
        if isinstance(table, Table)
        for number in range(len(table.rows))
    ]


def refused(example: Example) -> tuple[ReasonCode, ...]:
    """The reasons that the product gives, in its order."""
    return tuple(reason.code for reason in refusals(example.given.pathway, example.asked, example.setting))


def answered(table: Table, number: int) -> tuple[str, ...]:
    """The row with the product's answer in the place of the expected one."""
    asked = table.rows[number][: table.given]
    return table.compute(*(cell.pathway if isinstance(cell, Situation) else cell for cell in asked))


def expected(table: Table, number: int) -> tuple[Any, ...]:
    """The answer that the row expects."""
    return table.rows[number][table.given :]
