"""Passwords: how they rest, and what is asked of one.

Sources: OWASP Password Storage Cheat Sheet (scrypt with N = 2^15, r = 8, p = 3); NIST SP 800-63B, section 5.1.1
(length instead of composition rules).
"""

from werkzeug.security import check_password_hash, generate_password_hash

SHORTEST = 12
LONGEST = 200
_METHOD = "scrypt:32768:8:3"
# Compared with when there is no account: the same work, not done once more at every start of a process.
_NOBODY = f"{_METHOD}$nobody${'0' * 128}"


def hashed(password: str) -> str:
    """Hash a password; the text says how."""
    return generate_password_hash(password, _METHOD)


def password_matches(stored: str | None, password: str) -> bool:
    """Compare with a stored hash; with None it takes as long and is never true."""
    if len(password) > LONGEST:
        return False
    return check_password_hash(stored or _NOBODY, password) and stored is not None
