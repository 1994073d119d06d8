"""Our stylesheet and script, under addresses that carry the hash of their content: cached for ever, never stale."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, url_for

STATIC = Path(__file__).resolve().parent.parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_ONE_YEAR = 365 * 24 * 3600
_HASH_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as served: ``address`` is its name with the hash in it."""

    address: str
    body: bytes
    content_type: str


@cache
def asset(name: str) -> Asset:
    """Read an asset once. Raises FileNotFoundError for a name that is not ours."""
    path = STATIC / name
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:_HASH_CHARACTERS]
    return Asset(f"{path.stem}-{digest}{path.suffix}", body, _TYPES[path.suffix])


def asset_url(name: str) -> str:
    """Address of an asset, for templates."""
    return url_for("assets.serve", address=asset(name).address)


def create_assets() -> Blueprint:
    """Blueprint that serves the files of ``smart_app/static``."""
    blueprint = Blueprint("assets", __name__, url_prefix="/app/assets")
    served = {
        a.address: a
        for a in map(
            asset,
            ("sesame.css", "sesame.js", "pathway.css", "review.css", "team.css", "billing.css", "passkey.js"),
        )
    }

    @blueprint.get("/<address>")
    def serve(address: str) -> Response:
        found = served.get(address)
        if found is None:
            abort(404)
        response = Response(found.body, content_type=found.content_type)
        response.cache_control.public = True
        response.cache_control.max_age = _ONE_YEAR
        response.cache_control.immutable = True
        return response

    return blueprint
