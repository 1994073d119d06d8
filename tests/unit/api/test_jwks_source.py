import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from sesame_fhir.api.oauth.jwks_source import JwksSource, JwksUnavailable

URL = "https://app.example/jwks.json"


def answer(keys: Any, status: int = 200, cache_control: str = "") -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = keys if isinstance(keys, bytes) else json.dumps(keys).encode()
    made.headers["Cache-Control"] = cache_control
    return made


class Network:
    """Serves one answer after another and counts."""

    def __init__(self, *answers: requests.Response | Exception) -> None:
        self.answers = list(answers)
        self.calls = 0
        self.time = 1000.0

    def get(self, url: str, **options: Any) -> requests.Response:
        assert url == URL
        assert options["timeout"]
        assert options["allow_redirects"] is False
        self.calls += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        return found

    def source(self) -> JwksSource:
        return JwksSource(self.get, lambda: self.time)


ONE = {"keys": [{"kid": "a"}]}
TWO = {"keys": [{"kid": "a"}, {"kid": "b"}]}


@pytest.mark.parametrize(
    ("cache_control", "later", "calls"),
    [
        ("", 299, 1),
        ("", 301, 2),
        ("public, max-age=60", 59, 1),
        ("max-age=60", 61, 2),
        ("max-age=999999", 3601, 2),
        ("no-store", 1, 2),
    ],
)
def test_kept_as_long_as_allowed(cache_control: str, later: float, calls: int) -> None:
    network = Network(answer(ONE, cache_control=cache_control))
    source = network.source()
    assert source(URL, "a") == ONE
    network.time += later
    source(URL, "a")
    assert network.calls == calls


def test_an_unknown_key_is_a_reason_to_look_again_but_not_all_the_time() -> None:
    network = Network(answer(ONE), answer(TWO))
    source = network.source()
    source(URL, "a")
    assert source(URL, "b") == ONE
    network.time += 6
    assert source(URL, "b") == TWO
    source(URL, "b")
    assert network.calls == 2


@pytest.mark.parametrize(
    "build",
    [
        requests.ConnectionError,
        requests.Timeout,
        lambda: answer(ONE, status=500),
        lambda: answer(ONE, status=302),
        lambda: answer(b"<html>"),
        lambda: answer([]),
        lambda: answer({"keys": {}}),
        lambda: answer({"keys": ["a"]}),
        lambda: answer({"keys": [{"kid": "a", "x": "y" * 70_000}]}),
    ],
)
def test_unusable_answers(build: Callable[[], requests.Response | Exception]) -> None:
    with pytest.raises(JwksUnavailable):
        Network(build()).source()(URL, "a")
