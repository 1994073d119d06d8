"""Rules of a scheme file that a JSON Schema cannot say: periods, ranks, identifiers, sites, names used twice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from mappings.code_systems import SCHEMES
from sesame_fhir.domain.identifiers import Finess, InvalidIdentifier, Siret
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.billing.findings import Remark
from sesame_fhir.server.billing.periods import Period, day_of, gaps, overlaps, period_of
from sesame_fhir.server.billing.toml_lines import KeyPath

_Table = Mapping[str, Any]
_Placed = tuple[KeyPath, _Table]
_PARSERS: Mapping[str, Callable[[str], Finess | Siret]] = {"finess": Finess.parse, "siret": Siret.parse}
_WRONG = {
    "length": "it has another number of characters (a FINESS has 9, a SIRET 14)",
    "characters": "only digits are in it (in a FINESS, 2A or 2B may begin it)",
    "key": "its last digit does not fit the others; a digit was mistyped",
}


def rule_remarks(
    document: _Table, structure: Sequence[Remark], sites: frozenset[SiteId], ranks: int
) -> Iterator[Remark]:
    """What is wrong beside the structure; a table in which the structure is wrong is left out where that matters."""
    wrong = {remark.path for remark in structure}
    schemes = list(_tables(document, ("scheme",)))
    for placed in schemes:
        yield from _scheme(placed, wrong, sites, ranks)
    yield from _twice(schemes)
    yield from _other_biller(schemes)


def _tables(of: _Table, path: KeyPath) -> Iterator[_Placed]:
    found = of.get(str(path[-1]))
    for number, table in enumerate(found if isinstance(found, list) else ()):
        if isinstance(table, dict):
            yield (*path, number), table


def _sound(placed: Iterator[_Placed], wrong: set[KeyPath]) -> Iterator[_Placed]:
    """Tables in which the structure is right, each and all that is below it."""
    return ((path, table) for path, table in placed if not any(one[: len(path)] == path for one in wrong))


def _scheme(placed: _Placed, wrong: set[KeyPath], sites: frozenset[SiteId], ranks: int) -> Iterator[Remark]:
    path, table = placed
    whole = period_of(table, path)
    billers = list(_tables(table, (*path, "biller")))
    sound_billers = list(_sound(iter(billers), wrong))
    tariffs = list(_sound(_tables(table, (*path, "tariff")), wrong))
    first = day_of(table.get("start"))
    yield from _backwards([(path, table), *billers, *_tables(table, (*path, "tariff"))], first)
    yield from _known_code(path, table)
    yield from _known_sites(path, table, sites)
    yield from _contacts(path, table)
    for at, biller in billers:
        yield from _identifier(at, biller)
    if whole is not None:
        yield from _billers(path, whole, sound_billers, complete=len(sound_billers) == len(billers))
        yield from _tariffs(path, whole, tariffs, ranks, complete=len(tariffs) == len(table.get("tariff", ())))


def _backwards(tables: Sequence[_Placed], default: date | None) -> Iterator[Remark]:
    for path, table in tables:
        period = period_of(table, path, default)
        if period is not None and period.start > period.last:
            yield Remark((*path, "end"), f"it ends on {period.end}, before it starts on {period.start}")


def _known_code(path: KeyPath, table: _Table) -> Iterator[Remark]:
    scheme_id = table.get("id")
    near = get_close_matches(scheme_id, SCHEMES.concepts, 1, 0.8) if isinstance(scheme_id, str) else []
    if near and scheme_id not in SCHEMES.concepts:
        text = f'"{scheme_id}" is a code of your own; did you mean "{near[0]}"?'
        yield Remark((*path, "id"), text, warning=True)


def _known_sites(path: KeyPath, table: _Table, sites: frozenset[SiteId]) -> Iterator[Remark]:
    given = table.get("sites")
    for number, site in enumerate(given if isinstance(given, list) else ()):
        if isinstance(site, str) and site not in sites:
            near = get_close_matches(site, sites, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"those of the settings are {', '.join(sorted(sites))}"
            yield Remark((*path, "sites", number), f'no site of this deployment is "{site}"; {hint}')


def _contacts(path: KeyPath, table: _Table) -> Iterator[Remark]:
    whole, interrupted = table.get("minimum_contacts"), table.get("minimum_contacts_interrupted")
    if isinstance(whole, int) and isinstance(interrupted, int) and interrupted > whole:
        text = f"an interrupted sequence needs more contacts ({interrupted}) than a whole one ({whole}); is that meant?"
        yield Remark((*path, "minimum_contacts_interrupted"), text, warning=True)


def _identifier(path: KeyPath, table: _Table) -> Iterator[Remark]:
    for name, parse in _PARSERS.items():
        if isinstance(value := table.get(name), str):
            try:
                parse(value)
            except InvalidIdentifier as invalid:
                yield Remark((*path, name), f'"{value}" is no {name.upper()} number: {_WRONG[invalid.problem]}')


def _billers(path: KeyPath, whole: Period, billers: Sequence[_Placed], *, complete: bool) -> Iterator[Remark]:
    periods = _periods(billers, whole)
    for late, early in overlaps(periods):
        text = f"two billers on the same day: this one from {late}, biller {_number(early)} from {early}"
        yield Remark(_where(late, billers), f"{text}; end one before the other starts")
    if complete and billers:
        for gap in gaps(whole, periods):
            text = f"nobody bills from {gap}: sequences of these days stay unbilled until a biller is given"
            yield Remark((*path, "biller"), text, warning=True)


def _tariffs(
    path: KeyPath, whole: Period, tariffs: Sequence[_Placed], ranks: int, *, complete: bool
) -> Iterator[Remark]:
    by_rank: dict[int, list[_Placed]] = {}
    for placed in tariffs:
        by_rank.setdefault(placed[1]["rank"], []).append(placed)
    for rank, those in by_rank.items():
        periods = _periods(those, whole)
        for late, early in overlaps(periods):
            text = f"two tariffs of rank {rank} on the same day: this one from {late}, tariff {_number(early)} from"
            yield Remark(_where(late, those), f"{text} {early}; end one before the other starts")
        for gap in gaps(whole, periods) if complete else ():
            text = f"no tariff of rank {rank} from {gap}: its sequences of these days stay unbilled"
            yield Remark(those[0][0], text, warning=True)
        if rank > ranks:
            text = f"sequences have the ranks 1 to {ranks} here (pathway.maximum_sequences); this is never used"
            yield Remark((*those[0][0], "rank"), text, warning=True)
    if complete and tariffs:
        for rank in sorted(set(range(1, ranks + 1)) - by_rank.keys()):
            text = f'no tariff of rank {rank}; add [[scheme.tariff]] with rank = {rank} (amount = "0.00": nothing paid)'
            yield Remark((*path, "tariff"), text)


def _periods(placed: Sequence[_Placed], whole: Period) -> list[Period]:
    found = (period_of(table, path, whole.start) for path, table in placed)
    return [period for period in found if period is not None and period.start <= period.last]


def _number(period: Period) -> int:
    return int(period.path[-1]) + 1


def _where(period: Period, placed: Sequence[_Placed]) -> KeyPath:
    """The start that is written; the table when it has none."""
    table = next(table for path, table in placed if path == period.path)
    return (*period.path, "start") if "start" in table else period.path


def _twice(schemes: Sequence[_Placed]) -> Iterator[Remark]:
    seen: dict[tuple[object, object], int] = {}
    for number, (path, table) in enumerate(schemes, start=1):
        name = (table.get("id"), table.get("version"))
        if None in name or not all(isinstance(part, str) for part in name):
            continue
        if name in seen:
            text = f'version "{name[1]}" of {name[0]} is in scheme {seen[name]} already; give this one another name'
            yield Remark((*path, "version"), text)
        seen.setdefault(name, number)


def _other_biller(schemes: Sequence[_Placed]) -> Iterator[Remark]:
    """One code of a biller is one organisation: batches and books go by it."""
    seen: dict[str, str] = {}
    for path, scheme in schemes:
        for at, biller in _tables(scheme, (*path, "biller")):
            code, number = biller.get("id"), _number_of(biller)
            if isinstance(code, str) and number and seen.setdefault(code, number) != number:
                text = f'"{code}" is another organisation above (another FINESS or SIRET); give this one its own code'
                yield Remark((*at, "id"), text)


def _number_of(biller: _Table) -> str:
    """Its FINESS or SIRET; empty when there is none that can be read."""
    for name, parse in _PARSERS.items():
        try:
            return parse(str(biller[name])).value
        except (KeyError, InvalidIdentifier):
            continue
    return ""
