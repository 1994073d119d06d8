"""Is this the same person? INS and traits compared, as the national identity rules compare them (RNIV).

Pure: it judges two sets of traits and never merges anything. An INS names one person; the traits alone never do
(homonyms born on the same day exist), so that without an INS no match is certain. An INS that comes with another
birth date, name or sex is a mistake somewhere: a person has to look.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sesame_fhir.services.folding import fold

_BREAKS = re.compile(r"[^a-z0-9]+")


class Grade(StrEnum):
    """http://terminology.hl7.org/CodeSystem/match-grade."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    CERTAINLY_NOT = "certainly-not"


class Agreement(StrEnum):
    """How one trait compares."""

    SAME = "same"
    CLOSE = "close"
    UNKNOWN = "unknown"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies a person. ``ins`` are numbers by their system; ``family`` is the birth name, ``names`` others.

    ``given`` are the birth given names in order, ``birth_date`` ISO text (a year or a month alone is less), ``sex`` the
    FHIR code.
    """

    ins: Mapping[str, str]
    family: str = ""
    names: tuple[str, ...] = ()
    given: str = ""
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """``score`` from 0 to 1, higher is surer; within a grade it orders."""

    grade: Grade
    score: float


WEIGHTS = {"family": 0.35, "given": 0.25, "birth_date": 0.30, "sex": 0.10}
_CLOSE = 0.5
_TRAITS_AT_MOST = 0.85
_DOUBTFUL_INS = 0.9


def compare(asked: Identity, known: Identity) -> Match:
    """Judge whether ``known`` is the person asked for."""
    ins = _compare_ins(asked.ins, known.ins)
    traits = {
        "family": _compare_family(asked, known),
        "given": _compare_given(asked.given, known.given),
        "birth_date": _compare_birth_date(asked.birth_date, known.birth_date),
        "sex": _compare_sex(asked.sex, known.sex),
    }
    if ins is Agreement.OTHER:
        return Match(Grade.CERTAINLY_NOT, 0.0)
    if ins is Agreement.SAME:
        if Agreement.OTHER in traits.values():
            return Match(Grade.PROBABLE, _DOUBTFUL_INS)
        return Match(Grade.CERTAIN, 1.0)
    return Match(_grade(traits), _score(traits))


def _grade(traits: Mapping[str, Agreement]) -> Grade:
    """Probable: all strict traits agree. Possible: two of them do, and the third is not another one altogether."""
    strict = [traits[name] for name in ("family", "given", "birth_date")]
    same, other = strict.count(Agreement.SAME), strict.count(Agreement.OTHER)
    if same == len(strict) and traits["sex"] is not Agreement.OTHER:
        return Grade.PROBABLE
    agreeing = same + strict.count(Agreement.CLOSE)
    if other == 0 and agreeing >= 2:  # noqa: PLR2004  two of three
        return Grade.POSSIBLE
    # A name after marriage, or a second given name in use: the birth date and one of the names still say who it may be.
    if traits["birth_date"] is Agreement.SAME and same == 2 and traits["sex"] is not Agreement.OTHER:  # noqa: PLR2004
        return Grade.POSSIBLE
    return Grade.CERTAINLY_NOT


def _score(traits: Mapping[str, Agreement]) -> float:
    earned = {Agreement.SAME: 1.0, Agreement.CLOSE: _CLOSE}
    total = sum(WEIGHTS[name] * earned.get(agreement, 0.0) for name, agreement in traits.items())
    return round(total * _TRAITS_AT_MOST, 3)


def _compare_ins(asked: Mapping[str, str], known: Mapping[str, str]) -> Agreement:
    """Numbers of one system only compare with one another: a NIA becomes a NIR one day."""
    shared = asked.keys() & known.keys()
    if not shared:
        return Agreement.UNKNOWN
    return Agreement.SAME if all(asked[system] == known[system] for system in shared) else Agreement.OTHER


def _words(text: str) -> list[str]:
    """Without case, accents, hyphens and apostrophes."""
    return _BREAKS.sub(" ", fold(text)).split()


def _compare_family(asked: Identity, known: Identity) -> Agreement:
    wanted, found = _words(asked.family), _words(known.family)
    if not wanted or not found:
        return Agreement.UNKNOWN
    if wanted == found:
        return Agreement.SAME
    crossed = [_words(name) for name in known.names], [_words(name) for name in asked.names]
    return Agreement.CLOSE if wanted in crossed[0] or found in crossed[1] else Agreement.OTHER


def _compare_given(asked: str, known: str) -> Agreement:
    """The first birth given name; a list goes on where the other one stops, whatever joins its names."""
    wanted, found = _words(asked), _words(known)
    if not wanted or not found:
        return Agreement.UNKNOWN
    size = min(len(wanted), len(found))
    if wanted[:size] == found[:size]:
        return Agreement.SAME
    return Agreement.CLOSE if set(wanted) & set(found) else Agreement.OTHER


def _compare_birth_date(asked: str, known: str) -> Agreement:
    if not asked or not known:
        return Agreement.UNKNOWN
    if asked == known:
        return Agreement.SAME
    return Agreement.CLOSE if asked.startswith(known) or known.startswith(asked) else Agreement.OTHER


def _compare_sex(asked: str, known: str) -> Agreement:
    if {asked, known} & {"", "unknown", "other"}:
        return Agreement.UNKNOWN
    return Agreement.SAME if asked == known else Agreement.OTHER
