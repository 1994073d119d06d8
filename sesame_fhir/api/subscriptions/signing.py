"""How a subscriber knows that a notification is ours: an HMAC over time and body."""

import hashlib
import hmac

HEADER = "X-Sesame-Signature"


def signature(key: str, at: int, body: bytes) -> str:
    """``t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "<t>." + body>``; an old ``t`` is a replay."""
    digest = hmac.new(key.encode(), str(at).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
