"""The page where a standalone launch gets its patient: a list, a search box, one button per patient (French)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
from flask import Response, render_template

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.services.folding import fold
from sesame_fhir.services.ports import ResourceStore
from sesame_fhir.services.search import SearchQuery, Sort, StringClause

CARRIED = (
    *("response_type", "client_id", "redirect_uri", "scope", "state", "aud", "nonce", "launch"),
    *("code_challenge", "code_challenge_method"),
)
"""Parameters that travel through our pages; all others are dropped."""

_PAGE = 30


class _Name(msgspec.Struct):
    family: str = ""
    given: list[str] = []


class _Patient(msgspec.Struct, rename={"birth_date": "birthDate"}):
    id: str
    name: list[_Name] = []
    birth_date: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list."""

    patient_id: str
    family: str
    given: str
    birth_date: str


def anti_forgery(session: str) -> str:
    """Value that only a page made for this session can hold (an EHR's cookie is SameSite=None)."""
    return secret_hash(f"picker:{session}")


def picked(values: Mapping[str, str], session: str, *, method: str) -> str | None:
    """The patient chosen on our page, None when the request does not come from it."""
    if method != "POST" or not hmac.compare_digest(
        secret_hash(values.get("token", "")), secret_hash(anti_forgery(session))
    ):
        return None
    return values.get("patient")


def choices(patients: ResourceStore, text: str) -> tuple[list[Choice], int]:
    """Patients whose name starts with ``text`` (all when empty), and how many there are."""
    clauses = (StringClause("name", (fold(text),)),) if text.strip() else ()
    page = patients.search(SearchQuery("Patient", clauses, sort=(Sort("_id"),), count=_PAGE))
    found = [msgspec.json.decode(one.body, type=_Patient) for one in page.resources if one.body is not None]
    lines = [_choice(patient) for patient in found]
    return sorted(lines, key=lambda line: (line.family, line.given)), page.total or 0


def _choice(patient: _Patient) -> Choice:
    name = patient.name[0] if patient.name else _Name()
    return Choice(patient.id, name.family.upper(), " ".join(name.given[:1]), patient.birth_date)


def picker_page(
    deps: ApiDeps, patients: ResourceStore, values: Mapping[str, str], session: str, query: str
) -> Response:
    """Show the list; every form carries the authorization request along. Posted: a name has no place in a URL."""
    lines, total = choices(patients, query)
    carried = {name: values[name] for name in CARRIED if name in values}
    html = render_template(
        "oauth/picker.html", lines=lines, total=total, carried=carried, query=query, token=anti_forgery(session)
    )
    return html_page(deps, html, form_target=_origin(values["redirect_uri"]))


def html_page(deps: ApiDeps, html: str, status: int = 200, form_target: str = "") -> Response:
    """An HTML answer with a policy that allows nothing but its own forms, framed by the registered EHR only."""
    frames = " ".join(("'self'", *deps.frame_origins))
    policy = (
        f"default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors {frames}; "
        f"form-action 'self' {form_target}"
    )
    return Response(
        html,
        status=status,
        content_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": policy.strip(),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    # Chromium applies form-action to the redirect that follows the form, so the app's origin must be allowed.
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
