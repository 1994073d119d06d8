"""What ``sesame doctor`` checks. Each finding says what is wrong and what to do about it."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import requests

from sesame_fhir.exports.documents import can_render
from sesame_fhir.server.opening import PROBLEMS, Problem, StoreProblem, opened_store
from sesame_fhir.server.registration import LOOPBACK
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.system import KeyFileError, SystemClock, read_key
from sesame_fhir.services.errors import AuditBroken
from sesame_fhir.services.records import EhrRegistration
from sesame_fhir.storage import Store

# A clock before the year of the first release is a dead battery. SMART assertions live five minutes at most.
_RELEASE_YEAR = 2026
_DRIFT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: fine when ``problem`` is None, else what is wrong and the remedy."""

    subject: str
    detail: str = ""
    problem: str | None = None
    remedy: str | None = None


def diagnose(settings: Settings) -> list[Finding]:
    """Run every check that can be run; later ones are left out when what they need is missing."""
    findings = [_public_url(settings), _clock(), _documents()]
    try:
        read_key(Path(settings.key_file))
    except KeyFileError as error:
        return [*findings, Finding("key", problem=str(error), remedy="run `sesame migrate`, or restore the file")]
    findings.append(Finding("key", settings.key_file))
    try:
        with opened_store(settings) as store:
            return [*findings, *_store_findings(store, settings)]
    except StoreProblem as error:
        return [*findings, _store_wrong(error.problem)]


def _documents() -> Finding:
    if can_render():
        return Finding("documents", "PDF/A can be made")
    return Finding(
        "documents",
        problem="Pango is missing: records that take only documents get text to paste instead",
        remedy="install Pango (docs/how-to/install.md)",
    )


def _public_url(settings: Settings) -> Finding:
    parts = urlsplit(settings.public_url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return Finding(
            "public_url",
            problem="plain HTTP outside this machine: browsers will refuse the session cookie",
            remedy="put a TLS proxy in front and set server.public_url to https://…",
        )
    return Finding("public_url", settings.public_url)


def _clock() -> Finding:
    now = SystemClock().now()
    if now.year < _RELEASE_YEAR:
        return Finding("clock", problem=f"{now:%Y-%m-%d} cannot be right", remedy="set the machine's clock (NTP)")
    return Finding("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _drift(answer: requests.Response) -> float:
    """Seconds between this machine's clock and the answering server's, 0 when it does not say."""
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return 0.0
    return abs((SystemClock().now() - theirs).total_seconds())


def _store_wrong(problem: Problem) -> Finding:
    return Finding("database", problem=problem.what, remedy=problem.remedy)


def _store_findings(store: Store, settings: Settings) -> list[Finding]:
    if codes := store.check():
        return [_store_wrong(PROBLEMS[code]) for code in codes]
    backlog = store.outbox.backlog()
    waiting = ", ".join(f"{name}: {count}" for name, count in sorted(backlog.items())) or "empty"
    return [
        Finding("database", settings.database_url.partition("://")[0]),
        _audit(store),
        Finding("outbox", waiting),
        _signing_keys(store),
        *(_ehr(one, settings) for one in store.ehrs.all()),
    ]


def _audit(store: Store) -> Finding:
    try:
        count = store.audit.verify()
    except AuditBroken as error:
        return Finding("audit", problem=str(error), remedy="keep the database as it is and call your security officer")
    return Finding("audit", f"{count} entries, chain intact")


def _signing_keys(store: Store) -> Finding:
    count = sum(key.retired_at is None for key in store.keys.keys("smart-client"))
    return Finding("keys", f"{count} active" if count else "none yet; made at first use or by `sesame keys rotate`")


def _ehr(registration: EhrRegistration, settings: Settings) -> Finding:
    issuer = registration.issuer
    try:
        answer = requests.get(
            f"{issuer}/.well-known/smart-configuration",
            headers={"Accept": "application/json"},
            timeout=settings.http_timeout_seconds,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        problem = f"{issuer} does not answer ({type(error).__name__})"
        return Finding("ehr", problem=problem, remedy="check the address, the network and the EHR itself")
    capabilities = _capabilities(answer)
    if capabilities is None:
        problem = f"{issuer} answers {answer.status_code} without a SMART configuration"
        return Finding("ehr", problem=problem, remedy="ask the EHR's editor for its FHIR base URL and SMART support")
    if (drift := _drift(answer)) > _DRIFT_SECONDS:
        problem = f"{issuer}: its clock and ours differ by {drift:.0f} s"
        return Finding("clock", problem=problem, remedy="set this machine's clock (NTP); signed assertions would fail")
    return Finding("ehr", f"{issuer} ({capabilities} SMART capabilities)")


def _capabilities(answer: requests.Response) -> int | None:
    """How many SMART capabilities the answer lists; None when it is not a SMART configuration."""
    try:
        found = answer.json()["capabilities"] if answer.status_code == requests.codes.ok else None
    except (ValueError, KeyError, TypeError):
        return None
    return len(found) if isinstance(found, list) and found else None
