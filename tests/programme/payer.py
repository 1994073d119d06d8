"""The payer of the programme: what it answers to a claim, decided by the claim's number alone."""

from hashlib import sha256

_HUNDRED, _REJECTED = 100, 3
REJECTION = ("INC-07", "Droits non retrouvés à la date des soins (réponse fictive)")


def rejects(claim_id: str) -> bool:
    """True for 3 % of first claims; a claim that replaces another one is accepted."""
    attempt = claim_id.rsplit("-claim-", 1)[1].partition("-")[2]
    return not attempt and int(sha256(claim_id.encode()).hexdigest(), 16) % _HUNDRED < _REJECTED
