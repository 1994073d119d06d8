"""Invented people: made-up names, a TEST matricule with a right key, telephones kept free for fiction (ARCEP)."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.events import PatientTraits, Sex
from sesame_fhir.domain.identifiers import Ins, InsNature, ins_key
from sesame_fhir.domain.ids import SiteId

_STARTS = ("Exem", "Fict", "Simul", "Essai", "Démo", "Inven", "Imagi", "Figu", "Parad", "Modé", "Virtu", "Sympo")
_ENDS = ("ville", "mont", "bois", "lande", "croix", "val", "rive", "court", "champ", "pré", "roche", "source")
_WOMEN = ("Anne", "Claire", "Fatou", "Inès", "Jeanne", "Leïla", "Lucie", "Manon", "Marie", "Nadia", "Sophie", "Zoé")
_MEN = ("Adam", "Bruno", "Denis", "Hugo", "Ibrahim", "Jean", "Karim", "Louis", "Marc", "Paul", "Samir", "Victor")
_COMMUNE = "95018"
_YOUNGEST, _OLDEST, _USUAL = 18, 88, 44
_WOMEN_SHARE = 0.68
# Ages and the share of women are our own choice: more women than men, most between 30 and 60, as in primary care.


@dataclass(frozen=True, slots=True)
class SiteStaff:
    """Who works at one site."""

    site: SiteId
    gps: tuple[Actor, ...]
    nurses: tuple[Actor, ...]
    psychiatrists: tuple[Actor, ...]


def traits(chance: random.Random, number: int, on: date) -> PatientTraits:
    """An adult on that day; ``number`` (from 0) makes the matricule unique up to a million people."""
    woman = chance.random() < _WOMEN_SHARE
    age = int(chance.triangular(_YOUNGEST, _OLDEST, _USUAL))
    born = on - timedelta(days=age * 365 + age // 4 + chance.randrange(1, 365))
    sex = Sex.FEMALE if woman else Sex.MALE
    return PatientTraits(
        family=f"{chance.choice(_STARTS)}{chance.choice(_ENDS)}".upper(),
        given=chance.choice(_WOMEN if woman else _MEN),
        birth_date=born,
        sex=sex,
        ins=_ins(born, sex, number),
        phone=f"01 99 00 {number // 100 % 100:02d} {number % 100:02d}",
    )


def _ins(born: date, sex: Sex, number: int) -> Ins:
    # Commune and order number together hold the person's number, so that no two of a cohort are alike.
    commune = f"{_COMMUNE[:2]}{number // 1000:03d}"
    nir = f"{'2' if sex is Sex.FEMALE else '1'}{born:%y%m}{commune}{number % 1000:03d}"
    return Ins.parse(nir + ins_key(nir), InsNature.TEST)
