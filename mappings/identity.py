"""Patient -> Identity: what two records are compared by (``services.matching``), read from either of them."""

from collections.abc import Iterator

from mappings.patient import BIRTH_GIVEN_NAMES, INS_SYSTEMS
from sesame_fhir.domain.identifiers import Ins, InvalidIdentifier
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import objects, text
from sesame_fhir.services.matching import Identity

_NATURES = {system: nature for nature, system in INS_SYSTEMS.items()}
_BIRTH = ("official", "maiden", "")
"""Uses of a birth name, the surest first; in FR Core the official name is the birth name."""


def identity_of(patient: Json) -> Identity:
    """Read the identity; a number with a wrong key is no INS, and one no longer in use is left out."""
    names = [one for one in objects(patient, "name") if text(one, "use") not in ("nickname", "anonymous")]
    ranked = sorted(names, key=lambda one: _BIRTH.index(use) if (use := text(one, "use")) in _BIRTH else len(_BIRTH))
    birth = ranked[0] if ranked else {}
    others = (text(one, "family") for one in ranked[1:])
    return Identity(
        ins=dict(_numbers(patient)),
        family=text(birth, "family"),
        names=tuple(dict.fromkeys(name for name in others if name)),
        given=_given(birth),
        birth_date=text(patient, "birthDate"),
        sex=text(patient, "gender"),
    )


def _numbers(patient: Json) -> Iterator[tuple[str, str]]:
    for one in objects(patient, "identifier"):
        nature = _NATURES.get(text(one, "system"))
        if nature is None or text(one, "use") == "old":
            continue
        try:
            yield text(one, "system"), Ins.parse(text(one, "value"), nature).value
        except InvalidIdentifier:
            continue


def _given(name: Json) -> str:
    """The birth list where there is one, else the given names in their order."""
    listed = (text(one, "valueString") for one in objects(name, "extension") if text(one, "url") == BIRTH_GIVEN_NAMES)
    given = name.get("given")
    return next(listed, "") or " ".join(str(one) for one in given or () if one)
