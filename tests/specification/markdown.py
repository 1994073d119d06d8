"""The examples as pages for clinicians: what docs/rules holds is what this module makes of the tables."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from enum import Enum
from itertools import groupby

from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.fhir.reason_texts import REASON_TEXTS
from tests.specification import words
from tests.specification.model import Cell, Chapter, Example, Page, Situation, Step, Table, usual_time
from tests.specification.pages import PAGES
from tests.specification.situations import NAMED

_MADE = (
    "Public : cliniciens et coordination. Type : référence. Fait par `make docs` à partir de `tests/specification/` ; "
    "chaque ligne est exécutée par un test."
)
_HEAD = ("situation", "demande", "par", "le", "réponse")


def files() -> dict[str, str]:
    """Every file of docs/rules: name -> text."""
    return {"README.md": index(), **{f"{page.name}.md": page_text(page) for page in PAGES}}


def index() -> str:
    """The first page: the list of the others, and the situations that they start from."""
    links = "\n".join(f"- [{page.title}]({page.name}.md)" for page in PAGES)
    situations = "\n\n".join(f"### {s.words}\n\n{_steps(s.steps)}" for s in NAMED)
    return (
        f"# Les règles du parcours, par l'exemple\n\n{_MADE}\n\nLes états et les passages de l'un à l'autre sont dans "
        f"[la page des états](../pathway.md), les réglages dans [la liste des réglages](../reference/settings.md).\n\n"
        f"{links}\n\n## Les situations de départ\n\nUne seule patiente, inventée, au printemps 2026.\n\n{situations}\n"
    )


def page_text(page: Page) -> str:
    """One page of examples."""
    parts = "\n\n".join(_chapter(part) if isinstance(part, Chapter) else _computed(part) for part in page.parts)
    return f"# {page.title}\n\n{_MADE}\n\n{page.intro} Les situations de départ sont [ici](README.md).\n\n{parts}\n"


def _chapter(chapter: Chapter) -> str:
    return _section(chapter.title, chapter.intro, _HEAD, map(_example, chapter.examples))


def _computed(table: Table) -> str:
    return _section(table.title, table.intro, table.head, (tuple(map(_cell, row)) for row in table.rows))


def _section(title: str, intro: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in (head, *rows)]
    table = "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])
    return f"## {title}\n\n{intro}\n\n{table}"


def _example(example: Example) -> tuple[str, ...]:
    answer = " ".join(REASON_TEXTS[code] for code in example.refused)
    return (
        _situation(example.given),
        words.say(example.asked) + (f" ({example.note})" if example.note else ""),
        words.who(example.by),
        _when(example),
        f"non : {answer}" if answer else "oui",
    )


def _when(example: Example) -> str:
    said = _moment(example.occurred_at)
    return f"{said}, noté le {_moment(example.setting.recorded_at)}" if example.recorded else said


def _moment(value: datetime) -> str:
    """The day; the time too where it is not the usual one of the examples."""
    return words.day(value) if value == usual_time(value) else words.time(value)


def _cell(cell: Cell) -> str:
    return cell if isinstance(cell, str) else _situation(cell)


def _situation(given: Situation) -> str:
    by_day = groupby(given.more, key=lambda step: (words.day(step.at), step.recorded_at))
    more = "".join(f" ; puis le {_later(*when)} : {_said(steps)}" for when, steps in by_day)
    changed = [f.name for f in fields(given.policy) if getattr(given.policy, f.name) != getattr(DEFAULT_POLICY, f.name)]
    settings = "".join(f" ; réglage `{name}` = {_value(getattr(given.policy, name))}" for name in changed)
    return f"{given.words}{more}{settings}"


def _later(on_day: str, recorded_at: datetime | None) -> str:
    return on_day + (f" (noté le {words.day(recorded_at)})" if recorded_at else "")


def _said(steps: Iterable[Step]) -> str:
    return ", ".join(words.say(step.data) for step in steps)


def _value(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)


def _steps(steps: Iterable[Step]) -> str:
    return "\n".join(f"- {words.time(step.at)}, {words.who(step.by)} : {words.say(step.data)}" for step in steps)
