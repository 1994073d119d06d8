"""A backend service's token (SMART Backend Services): a key pair once, then a signed assertion for each token.

pip install joserfc requests
python backend.py key                                      writes key.json (keep it secret) and jwks.json (register it)
python backend.py token CLIENT_ID TOKEN_URL SCOPE [KEY]    prints an access token; KEY is key.json unless told
"""

import json
import sys
import time
import uuid
from pathlib import Path

import requests
from joserfc import jwt
from joserfc.jwk import ECKey


def make_key() -> None:
    """An ES384 key pair, its public half as a JWK set."""
    key = ECKey.generate_key("P-384", {"kid": str(uuid.uuid4()), "use": "sig", "alg": "ES384"})
    Path("key.json").write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    Path("jwks.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}), encoding="utf-8")


def token(client_id: str, token_url: str, scope: str, key_file: str = "key.json") -> str:
    """An access token. The assertion lives five minutes at most, and each ``jti`` is good once."""
    key = ECKey.import_key(json.loads(Path(key_file).read_text(encoding="utf-8")))
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": token_url,
        "jti": str(uuid.uuid4()),
        "exp": int(time.time()) + 240,
    }
    assertion = jwt.encode({"alg": "ES384", "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=["ES384"])
    form = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    answer = requests.post(token_url, data=form, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


if __name__ == "__main__":
    if sys.argv[1] == "key":
        make_key()
    else:
        print(token(*sys.argv[2:]))
