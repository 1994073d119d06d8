"""Rules on care: plans, sequences, contacts, appointments, problems, goals, flags."""

import re
from datetime import datetime

from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.fhir.canonical import CIM_10, CISP_2, ICPC_2, own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.profiling.model import Holds
from sesame_fhir.fhir.profiling.rules.asking import codes, codings, ended, points_at_patient, starts, status
from sesame_fhir.fhir.walk import child, objects, text

_MODES = own("CodeSystem", "sesame-contact-mode")
_SEQUENCE = re.compile(r"Séquence [1-4]")


def a_year_at_most(node: Json, key: str) -> bool:
    """True for a period with both ends, the last at most a year after the first (a pathway's longest time)."""
    period = child(node, key)
    start, end = starts(period, "start"), starts(period, "end")
    # Days are the practice's: in UTC the first of a month begins in the month before.
    return start is not None and end is not None and end <= _a_year_later(start.astimezone(PRACTICE_ZONE))


def _a_year_later(start: datetime) -> datetime:
    """FHIRPath's calendar arithmetic: the same day a year on, or the last day of that February."""
    year = start.year + 1
    try:
        return start.replace(year=year)
    except ValueError:
        return start.replace(year=year, day=28)


def _in_order(node: Json) -> bool:
    start, end = starts(node, "start"), starts(node, "end")
    return start is not None and end is not None and end > start


def _in_both_systems(node: Json) -> bool:
    systems = [one.get("system") for one in codings(node, "code")]
    return systems.count(CISP_2) == systems.count(ICPC_2)


def _place_and_mode_agree(node: Json) -> bool:
    modes = codes(node, "type", _MODES)
    return not modes or (child(node, "class").get("code") == "AMB") is ("on-site" in modes)


def _goes_down(goal: Json) -> bool:
    quantities = (child(one, "detailQuantity") for one in objects(goal, "target") if "detailQuantity" in one)
    return all(one.get("comparator") == "<=" for one in quantities)


CARE: dict[str, Holds] = {
    "ses-app-1": lambda node: any(points_at_patient(one.get("actor")) for one in objects(node, "participant")),
    "ses-app-2": _in_order,
    "ses-pla-1": lambda node: status(node) not in {"completed", "revoked"} or ended(node),
    "ses-seq-1": lambda node: a_year_at_most(node, "period"),
    "ses-seq-2": lambda node: _SEQUENCE.fullmatch(text(node, "title")) is not None,
    "ses-con-1": lambda node: all(text(one, "system") in {CISP_2, ICPC_2, CIM_10} for one in codings(node, "code")),
    "ses-con-2": _in_both_systems,
    "ses-enc-1": lambda node: status(node) != "finished" or ended(node),
    "ses-enc-2": _place_and_mode_agree,
    "ses-goa-1": _goes_down,
    "ses-pro-1": lambda node: status(node) != "inactive" or ended(node),
    "ses-saf-1": lambda node: status(node) != "inactive" or ended(node),
    "ses-saf-2": lambda node: status(node) != "active" or not ended(node),
}
