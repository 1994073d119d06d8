"""Short rounds of each scenario on each server in turn: a drift of the machine meets all of them."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.bench.load import Load, drive
from tests.bench.side.scenarios import Headers, Scenario

_WARM_CONNECTIONS = 8
_WARM_ROUNDS = 6
_STILL_FASTER = 1.1
_STRIDE = 37  # each round begins elsewhere in the list of requests


@dataclass(frozen=True, slots=True)
class Contender:
    """A running server. ``cpu`` tells its processor time so far, in seconds, where that can be known."""

    name: str
    port: int
    headers: Headers
    cpu: Callable[[], float | None] = field(default=lambda: None)


@dataclass(frozen=True, slots=True)
class Track:
    """How long a round lasts, how many there are, how long each kind of request is warmed up."""

    rounds: int
    seconds: float
    warm: float
    numbers: list[int]


@dataclass(frozen=True, slots=True)
class Result:
    """One contender in one scenario; ``rates`` round by round, beside those of the others."""

    contender: str
    scenario: str
    connections: int
    rates: tuple[float, ...]
    p50_ms: float
    p99_ms: float
    cpu_micros: float | None

    @property
    def rate(self) -> float:
        """Requests a second (median of the rounds)."""
        return statistics.median(self.rates)

    def ratio_to(self, other: "Result") -> float:
        """Median of the ratios, round by round."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.rates, other.rates, strict=True))


Entry = tuple[Contender, Sequence[bytes]]
"""A contender and its requests."""


def entered(scenario: Scenario, contenders: Sequence[Contender], track: Track) -> list[Entry]:
    """The same questions to each."""
    return [(one, scenario.requests(one.headers, track.numbers)) for one in contenders]


def compared(scenario: Scenario, entries: Sequence[Entry], connections: int, track: Track) -> list[Result]:
    """Rounds of all in turn, every other time in the opposite order.

    Raises:
        BadAnswer: a server answered something else.
    """
    loads: dict[str, list[Load]] = {one.name: [] for one, _ in entries}
    cpu: dict[str, list[float | None]] = {one.name: [] for one, _ in entries}
    for number in range(track.rounds):
        for one, requests in entries if number % 2 == 0 else entries[::-1]:
            before = one.cpu()
            load = _round(scenario, one, requests, connections, track.seconds, number)
            after = one.cpu()
            loads[one.name].append(load)
            cpu[one.name].append(None if before is None or after is None else after - before)
    return [_result(scenario, one.name, connections, loads[one.name], cpu[one.name]) for one, _ in entries]


def warm_up(scenario: Scenario, entries: Sequence[Entry], track: Track) -> None:
    """Let each server compile, fill its caches and open its connections, until it gets no faster."""
    for one, requests in entries:
        _round(scenario, one, requests, 1, track.warm / 4, 0)  # HAPI's very first writes must not meet each other
        best = 0.0
        for number in range(_WARM_ROUNDS):
            rate = _round(scenario, one, requests, _WARM_CONNECTIONS, track.warm, number).rate
            if rate < best * _STILL_FASTER:
                break
            best = rate


def _round(
    scenario: Scenario, one: Contender, requests: Sequence[bytes], connections: int, seconds: float, number: int
) -> Load:
    return drive(
        one.port,
        requests,
        connections=connections,
        seconds=seconds,
        expected=scenario.expected,
        first=number * _STRIDE,
    )


def _result(
    scenario: Scenario, name: str, connections: int, loads: Sequence[Load], cpu: Sequence[float | None]
) -> Result:
    latencies = sorted(latency for load in loads for latency in load.latencies)
    p50, p99 = (latencies[int(len(latencies) * part)] * 1000 for part in (0.5, 0.99))
    spent = [one for one in cpu if one is not None]
    micros = sum(spent) / len(latencies) * 1e6 if len(spent) == len(loads) else None
    return Result(name, scenario.name, connections, tuple(load.rate for load in loads), p50, p99, micros)
