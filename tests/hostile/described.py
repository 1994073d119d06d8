"""Requests that schemathesis makes from our OpenAPI description, with a token of every kind."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import hypothesis
import schemathesis

from tests.hostile.target import Attack, Seen, Target

_FIRST = "/fhir/openapi.json"


def operations(target: Target) -> list[Any]:
    """Every method of every address that the description tells, in its order."""
    described = schemathesis.openapi.from_wsgi(_FIRST, target.world.app)
    found: Any = described.get_all_operations()
    return [one.ok() for one in found]


def described(target: Target, asked: list[Any], examples: int, seed: int) -> Iterator[tuple[Attack, Seen]]:
    """``examples`` requests of each operation; an id that the description leaves open is sometimes one that exists."""
    turn = count(seed)
    kinds = sorted(target.tokens)
    for operation in asked:
        met: list[tuple[Attack, Seen]] = []
        for case in _cases(operation, examples, seed):
            number = next(turn)
            if number % 3 == 0 and "id" in case.path_parameters:
                case.path_parameters["id"] = ("p1", "p2", "observation-p1", "task-p2")[number // 3 % 4]
            who = kinds[number % len(kinds)]
            met.append(_sent(target, case, who))
        yield from met


def _cases(operation: Any, examples: int, seed: int) -> list[Any]:
    made: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def collect(case: Any) -> None:
        made.append(case)

    collect()
    return made


def _sent(target: Target, case: Any, who: str) -> tuple[Attack, Seen]:
    headers = {} if who == "none" else {"Authorization": f"Bearer {target.tokens[who]}"}
    attack = Attack("described", case.method.upper(), f"/fhir{case.formatted_path}", str(case.query), who=who)
    with target.listening() as log:
        try:
            answer = case.call(headers=headers)
        except Exception as raised:  # noqa: BLE001  whatever it is, it is what is looked for
            return attack, Seen(599, {}, type(raised).__name__.encode(), "".join(log()))
        got = {name: values[0] for name, values in answer.headers.items()}
        named = {name.title(): value for name, value in got.items()}
        return attack, Seen(answer.status_code, named, answer.content, "".join(log()))
