"""Matching of names: what counts as the same text for whoever searches, in the index and in the caseload alike."""

import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae"})


def fold(written: str) -> str:
    """For matching: lower case, no accents, ligatures opened, one space between words."""
    if written.isascii():
        return " ".join(written.lower().split())
    decomposed = unicodedata.normalize("NFKD", written.translate(_LIGATURES))
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).casefold().split())
