"""``python -m tests.bench.side.exports``: a HAPI takes an export's transactions, twice; what it holds is the same."""

import json
import sys
import tempfile
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path

import requests

from sesame_fhir.fhir.json_types import Json
from tests.bench.side.hapi import h2, running
from tests.support.billed import lines
from tests.support.exported import written

_JSON = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
_CLAIMS = 450
_SECONDS = 300
_KINDS = ("Claim", "Coverage", "Patient", "Organization")


def main() -> None:
    """Send every part, out of order and twice; fail unless nothing is there twice and every claim is there."""
    with tempfile.TemporaryDirectory(prefix="sesame-exports-") as folder:
        files = Path(folder) / "export"
        written(files, [*lines(_CLAIMS)])
        parts = sorted(files.glob("transaction-*.json"), reverse=True)
        with running(h2(Path(folder)), Path(folder) / "hapi.log") as server:
            for turn in (1, 2):
                for part in parts:
                    _take(server.port, part)
                counts = {kind: _get(server.port, f"{kind}?_summary=count")["total"] for kind in _KINDS}
                sys.stdout.write(f"taken {turn} time(s): {counts}\n")
                if counts != dict.fromkeys(_KINDS[:3], _CLAIMS) | {"Organization": 1}:
                    raise SystemExit("what HAPI holds is not what was sent")
            first = json.loads((files / "Claim.ndjson").read_text("utf-8").splitlines()[0], parse_float=Decimal)
            _same(first, _get(server.port, f"Claim/{first['id']}"))


def _take(port: int, part: Path) -> None:
    answer = requests.post(f"http://127.0.0.1:{port}/fhir", data=part.read_bytes(), headers=_JSON, timeout=_SECONDS)
    if answer.status_code != HTTPStatus.OK:
        raise SystemExit(f"{part.name}: HTTP {answer.status_code} {answer.text[:2000]}")


def _get(port: int, path: str) -> Json:
    headers = {**_JSON, "Cache-Control": "no-cache"}
    found: Json = requests.get(f"http://127.0.0.1:{port}/fhir/{path}", headers=headers, timeout=_SECONDS).json(
        parse_float=Decimal
    )
    return found


def _same(sent: Json, held: Json) -> None:
    """What HAPI gives back is what was sent, but for the version that it adds."""
    for gone in ("versionId", "lastUpdated", "source"):
        held["meta"].pop(gone, None)
    if held != sent:
        raise SystemExit(f"HAPI gives back another claim:\n{sent}\n{held}")
    sys.stdout.write("a claim comes back as it was sent\n")


if __name__ == "__main__":
    main()
