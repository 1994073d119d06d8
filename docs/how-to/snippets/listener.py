"""A subscriber: listens, checks that each notification is ours (HMAC), answers at once, writes what changed.

python listener.py PORT KEY      KEY is the one that was sent in the Subscription, 32 characters or more
"""

import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

TOLERANCE_SECONDS = 300


def is_ours(key: str, header: str, body: bytes, now: float) -> bool:
    """Check ``X-Sesame-Signature: t=<seconds>,v1=<hex>``: the HMAC-SHA256 of ``t`` + "." + body, and no old ``t``."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    at, given = parts.get("t", ""), parts.get("v1", "")
    if not at.isdigit() or abs(now - int(at)) > TOLERANCE_SECONDS:
        return False
    expected = hmac.new(key.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, given)


def changed(body: bytes) -> list[str]:
    """Addresses of what changed: of a classic notification, of a Bundle of the backport; none in a handshake."""
    resource = json.loads(body) if body else {}
    if resource.get("resourceType") != "Bundle":
        return [f"{resource['resourceType']}/{resource['id']}"] if resource else []
    return [entry["fullUrl"] for entry in resource["entry"][1:]]


class Handler(BaseHTTPRequestHandler):
    """Answers 200 to what is ours and 401 to the rest. An event may come twice: its number tells."""

    key = ""

    def do_POST(self) -> None:
        """One notification."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        ours = is_ours(self.key, self.headers.get("X-Sesame-Signature", ""), body, time.time())
        self.send_response(200 if ours else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()
        print("changed:" if ours else "not ours", *(changed(body) if ours else []), flush=True)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing else."""


if __name__ == "__main__":
    Handler.key = sys.argv[2]
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
