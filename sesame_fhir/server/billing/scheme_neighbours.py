"""A scheme beside the others, of its file and in force: where two would decide on one sequence, or none would.

The rule itself (``domain.billing.scheme.applicable``) is asked, for sequences around every change, so that what is
said here is what a decision would say.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations, combinations_with_replacement

from sesame_fhir.domain.billing.scheme import BillingScheme, applicable
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.billing.findings import Remark
from sesame_fhir.server.billing.toml_lines import KeyPath
from sesame_fhir.services.billing.records import StoredScheme

_ONE = timedelta(days=1)
_LONGEST = timedelta(days=366)


def neighbour_remarks(
    given: Sequence[BillingScheme], standing: Sequence[StoredScheme], sites: frozenset[SiteId]
) -> Iterator[Remark]:
    """What the schemes of a file change among those in force (``standing``), and what would then be in doubt."""
    paths: dict[tuple[str, str], KeyPath] = {_name(one): ("scheme", number) for number, one in enumerate(given)}
    for stored in standing:
        path = paths.get(_name(stored.scheme))
        if path is not None and stored.scheme != given[int(path[1])]:
            yield _changed(stored, path)
    kept = [stored.scheme for stored in standing if _name(stored.scheme) not in paths]
    yield from _billers(given, kept)
    together = [*kept, *given]
    yield from _same_start(together, paths)
    yield from _doubts(together, paths, _places(together, sites))


def _name(scheme: BillingScheme) -> tuple[str, str]:
    return scheme.scheme_id, scheme.version


def _changed(stored: StoredScheme, path: KeyPath) -> Remark:
    version = (*path, "version")
    if stored.used:
        text = "this version is used by claims and cannot be changed; give it another name and its own start"
        return Remark(version, text)
    text = f"it will replace this version as given on {stored.added_at:%Y-%m-%d}; nothing was claimed with that one"
    return Remark(version, text, warning=True)


def _billers(given: Sequence[BillingScheme], kept: Sequence[BillingScheme]) -> Iterator[Remark]:
    known = {b.identity.biller_id: b.identity for scheme in kept for b in scheme.billers}
    for number, scheme in enumerate(given):
        for place, biller in enumerate(scheme.billers):
            before = known.get(biller.identity.biller_id, biller.identity)
            if (before.system, before.value) != (biller.identity.system, biller.identity.value):
                text = (
                    f'"{before.biller_id}" is {before.name} ({before.value}) in a scheme in force; give it its own code'
                )
                yield Remark(("scheme", number, "biller", place, "id"), text)


def _same_start(together: Sequence[BillingScheme], paths: dict[tuple[str, str], KeyPath]) -> Iterator[Remark]:
    for early, late in combinations(together, 2):
        same = early.scheme_id == late.scheme_id and early.start == late.start
        covered = not late.sites or (early.sites and early.sites <= late.sites)
        if same and covered and _name(late) in paths:
            text = f'it starts on the same day as version "{early.version}", which then never applies'
            yield Remark((*paths[_name(late)], "start"), text, warning=True)


def _places(together: Sequence[BillingScheme], sites: frozenset[SiteId]) -> list[SiteId]:
    """One site for each set of schemes that serve it."""
    named = sites.union(*(scheme.sites for scheme in together))
    chosen = {tuple(scheme.serves(site) for scheme in together): site for site in sorted(named, reverse=True)}
    return sorted(chosen.values())


def _doubts(
    together: Sequence[BillingScheme], paths: dict[tuple[str, str], KeyPath], places: Sequence[SiteId]
) -> Iterator[Remark]:
    said: set[tuple[str, ...]] = set()
    for site in places:
        for start, end in _sequences(together):
            found = applicable(together, site, start, end)
            among = found or _on_both_sides(together, site, start, end)
            new = [one for one in among if _name(one) in paths]
            key = ("several" if found else "none", *sorted(f"{one.scheme_id} {one.version}" for one in among))
            if len(among) > 1 and new and key not in said:
                said.add(key)
                yield _doubt(among, paths[_name(new[-1])], f"at {site} from {start} to {end}", several=bool(found))


def _doubt(among: Sequence[BillingScheme], path: KeyPath, where: str, *, several: bool) -> Remark:
    names = " and ".join(f'{one.scheme_id} "{one.version}"' for one in among)
    straddling = len({one.decided_by for one in among}) > 1
    if several:
        remedy = (
            "let both say the same decided_by" if straddling else "end one before the other starts, or part the sites"
        )
        return Remark((*path, "start"), f"{names} would both decide on a sequence {where}, so none is billed; {remedy}")
    text = f"neither {names} decides on a sequence {where}: it stays unbilled; let both say the same decided_by"
    return Remark((*path, "decided_by"), text, warning=True)


def _sequences(together: Sequence[BillingScheme]) -> list[tuple[date, date]]:
    """First and last days around every change, the shortest sequences first; none is longer than a year."""
    days = {scheme.start for scheme in together} | {scheme.start - _ONE for scheme in together}
    days |= {day for scheme in together if scheme.end for day in (scheme.end, scheme.end + _ONE)}
    pairs = combinations_with_replacement(sorted(days), 2)
    return sorted(((a, b) for a, b in pairs if b - a <= _LONGEST), key=lambda pair: (pair[1] - pair[0], pair))


def _on_both_sides(
    together: Sequence[BillingScheme], site: SiteId, start: date, end: date
) -> tuple[BillingScheme, ...]:
    """The schemes that have the first day and the last day each for itself, when none has the sequence."""
    first, last = applicable(together, site, start, start), applicable(together, site, end, end)
    return (*first, *last) if len(first) == len(last) == 1 and first != last else ()
