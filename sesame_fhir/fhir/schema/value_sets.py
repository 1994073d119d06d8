"""Required bindings as closed lists: expands the value sets published with R4 far enough for that.

Only value sets that list codes, import other value sets, or take a whole enumerated code system can be closed
lists; media types, currencies and UCUM units cannot, and keep the plain ``code`` rule.
"""

from collections.abc import Iterable, Iterator

from sesame_fhir.fhir.json_types import Json


class ValueSets:
    """Expands R4 value sets to ``{system: [code, …]}``."""

    def __init__(self, resources: Iterable[Json]) -> None:
        self._value_sets: dict[str, Json] = {}
        self._code_systems: dict[str, Json] = {}
        for resource in resources:
            if resource["resourceType"] == "ValueSet":
                self._value_sets[resource["url"]] = resource
            elif resource["resourceType"] == "CodeSystem":
                self._code_systems[resource["url"]] = resource

    def expand(self, canonical: str) -> dict[str, list[str]] | None:
        """Codes by system, sorted; None when the value set cannot be a closed list."""
        value_set = self._value_sets.get(canonical.partition("|")[0])
        if value_set is None or "exclude" in value_set["compose"]:
            return None
        codes: dict[str, set[str]] = {}
        for include in value_set["compose"]["include"]:
            part = self._include(include)
            if part is None:
                return None
            for system, found in part.items():
                codes.setdefault(system, set()).update(found)
        return {system: sorted(codes[system]) for system in sorted(codes)}

    def system(self, url: str) -> list[str] | None:
        """Every code of a code system, sorted; None when R4 does not hold it whole."""
        found = self._code_systems.get(url)
        if found is None or found.get("content") != "complete":
            return None
        return sorted(_codes(found.get("concept", [])))

    def _include(self, include: Json) -> dict[str, list[str]] | None:
        if "filter" in include:
            return None
        if "valueSet" in include:
            merged: dict[str, list[str]] = {}
            for url in include["valueSet"]:
                part = self.expand(url)
                if part is None:
                    return None
                for system, codes in part.items():
                    merged.setdefault(system, []).extend(codes)
            return merged
        if "concept" in include:
            return {include["system"]: [concept["code"] for concept in include["concept"]]}
        code_system = self._code_systems.get(include["system"])
        if code_system is None or code_system.get("content") != "complete":
            return None
        return {include["system"]: list(_codes(code_system.get("concept", [])))}


def _codes(concepts: Iterable[Json]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", []))
