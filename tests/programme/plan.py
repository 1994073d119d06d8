"""Who lives what in the programme: figures of the seeds, everything else our own choice, dealt out from a seed."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from sesame_fhir.domain.calendar import add_months

FIRST_MONTH, LAST_MONTH = (2023, 11), (2025, 3)
SITES = ("site-argenteuil", "site-bezons", "site-cergy", "site-domont", "site-ermont")
# Seeds: 1,145 patients and 1,800 sequences by March 2025. How they spread over one to four sequences is our own choice.
_PATIENTS_WITH = {1: 705, 2: 270, 3: 125, 4: 45}
_EARLIEST, _LATEST = date(2023, 8, 1), date(2025, 3, 28)
_LEAST_DAYS = 20


@dataclass(frozen=True, slots=True)
class Profile:
    """One patient. ``first``: first day of the first sequence. Days of what came late are None when nothing did.

    cut: the last sequence ends so many days after its start. scarce: contacts are missing in the last sequence.
    ins_on: the INS came then. agreed_on: the evaluation's notice was given then (None: at the start). opposed_on: the
    patient opposed. moved_on: transfer to ``moved_to``. late_contact: a contact of the last sequence is written down
    so many days after its end. corrected: a contact is written again so many days after the end.
    """

    number: int
    site: str
    first: date
    sequences: int
    cut: int | None = None
    scarce: bool = False
    ins_on: date | None = None
    agreed_on: date | None = None
    opposed_on: date | None = None
    moved_on: date | None = None
    moved_to: str | None = None
    late_contact: int | None = None
    corrected: int | None = None


def deal(seed: int, share: int = 1) -> list[Profile]:
    """The programme's patients; ``share``: every n-th of them only, for a look."""
    chance = random.Random(seed)  # noqa: S311  invented people, not secrets
    numbers = [count for count, people in _PATIENTS_WITH.items() for _ in range(people)]
    chance.shuffle(numbers)
    dealt = [_profile(number, count, chance) for number, count in enumerate(numbers)]
    return dealt[::share]


def _profile(number: int, sequences: int, chance: random.Random) -> Profile:
    latest = add_months(_LATEST, -3 * sequences)
    first = _EARLIEST + timedelta(days=chance.randrange((latest - _EARLIEST).days + 1))
    end = add_months(first, 3 * sequences) - timedelta(days=1)
    dice, site = chance.random, chance.choice(SITES)
    moves = dice() < 0.02
    return Profile(
        number=number,
        site=site,
        first=first,
        sequences=sequences,
        cut=chance.randint(_LEAST_DAYS, 80) if dice() < 0.09 else None,
        scarce=dice() < 0.03,
        ins_on=end + timedelta(days=chance.randint(5, 50)) if dice() < 0.02 else None,
        agreed_on=end - timedelta(days=chance.randint(-20, 40)) if dice() < 0.02 else None,
        opposed_on=end - timedelta(days=chance.randint(-30, 30)) if dice() < 0.01 else None,
        moved_on=first + timedelta(days=chance.randint(15, 80)) if moves else None,
        moved_to=chance.choice([other for other in SITES if other != site]) if moves else None,
        late_contact=chance.randint(1, 60) if dice() < 0.03 else None,
        corrected=chance.randint(12, 70) if dice() < 0.06 else None,
    )
