"""docs/reference/profiles.md, made from ``profiles/``: ``python -m mappings.profile_reference``."""

import json
import sys
from collections.abc import Iterable, Iterator

from mappings.claimed import CLAIMED
from mappings.code_systems import VERSION
from mappings.profile_rules import Kind, Rule, elements_of, rules_of
from mappings.profiles import FOLDER
from sesame_fhir.fhir.canonical import ROOT
from sesame_fhir.fhir.json_types import Json

_HEAD = f"""# Profiles

Audience: integrators. Type: reference. Made from `profiles/`: `make docs`.

The canonical root is `{ROOT}`, the version {VERSION}, the base FHIR R4 (4.0.1).
Six profiles stand on FR Core 2.2.0, the others on R4. A published resource claims its profile in `meta.profile`, and
its parent in FR Core where there is one.
What a profile says is a differential; `make package` builds the FHIR package, with snapshots where Java is installed.

What is not profiled, and why:

- `fr-core-patient-ins` asks for the birth place, which the pathway does not hold: a Patient with an INS follows its
  conventions (typed identifier, one given name, the list of birth names) and claims `fr-core-patient`.
- A person whose gender is `other` claims no profile: FR Core knows male, female and unknown.
- R4 has no SubscriptionTopic: the topic of pathway changes is the canonical `{ROOT}/SubscriptionTopic/pathway-change`,
  which a Subscription names as the R5 backport guide says.
- No tariff and no national billing format: neither is public. No SNOMED CT content: its use needs a licence.

Each rule has an example that keeps it and one that breaks it: `profiles/examples/index.json`. The reference validator
accepts the first and refuses the second (`make conformance`). Everything in a profile must be supported: filled when
known, and read when it comes. Reasons are in French, as they are in the profiles.
"""

_WORDS: dict[Kind, str] = {
    Kind.MIN: "at least {}",
    Kind.MAX: "at most {}",
    Kind.VALUE: "always `{}`",
    Kind.BINDING: "from `{}`",
    Kind.TYPE: "`{}`",
    Kind.TARGET: "to `{}`",
}
_OTHERS = (
    *("Questionnaire", "CodeSystem", "ValueSet", "ConceptMap", "NamingSystem", "OperationDefinition"),
    *("PlanDefinition", "ActivityDefinition", "CapabilityStatement"),
)


def page() -> str:
    """The whole page."""
    profiles = list(_definitions("StructureDefinition"))
    resources = [one for one in profiles if one["type"] != "Extension"]
    extensions = [one for one in profiles if one["type"] == "Extension"]
    parts = [_HEAD, _overview(resources), *map(_profile, resources), _extensions(extensions), _others()]
    return "\n".join(parts)


def _definitions(kind: str) -> Iterator[Json]:
    for path in sorted(FOLDER.glob(f"{kind}-*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def _overview(profiles: list[Json]) -> str:
    claimed = set(CLAIMED.values())
    rows = (
        (
            f"`{one['id']}`",
            one["type"],
            f"`{one['baseDefinition'].rpartition('/')[2]}`",
            one["title"],
            "yes" if one["id"] in claimed else "no",
            str(sum(1 for _ in rules_of(one))),
        )
        for one in profiles
    )
    return _table(("profile", "type", "parent", "of", "published", "rules"), rows)


def _profile(profile: Json) -> str:
    reasons = {element["id"]: element.get("requirements", "") for element in elements_of(profile)}
    by_element: dict[str, list[str]] = {element: [] for element in reasons}
    for rule in rules_of(profile):
        by_element[rule.element].append(_words(rule))
    root = profile["type"]
    rows = [
        (f"`{element.removeprefix(root + '.')}`", ", ".join(by_element[element]) or "supported", reason)
        for element, reason in reasons.items()
        if element != root
    ]
    said = [f"- `{c['key']}`: {c['human']}" for e in elements_of(profile) for c in e.get("constraint", ())]
    table = _table(("element", "rules", "why"), rows)
    constraints = "\n" + "\n".join(said) + "\n" if said else ""
    return f"## {profile['id']}\n\n{profile['description']}\n\n{table}{constraints}"


def _words(rule: Rule) -> str:
    if rule.kind is Kind.CONSTRAINT:
        return f"`{rule.detail['key']}`"
    if rule.kind is Kind.MAX and rule.detail == "0":
        return "absent"
    return _WORDS[rule.kind].format(_detail(rule))


def _detail(rule: Rule) -> str:
    match rule.kind:
        case Kind.VALUE:
            return _value(rule.detail)
        case Kind.TYPE | Kind.TARGET:
            return "` or `".join(_last(one) for one in rule.detail)
        case _:
            return _last(str(rule.detail))


def _last(canonical: str) -> str:
    return canonical.rpartition("/")[2]


def _value(detail: object) -> str:
    if not isinstance(detail, dict):
        return str(detail)
    coding = detail["coding"][0]
    return f"{_last(coding['system'])}#{coding['code']}"


def _extensions(extensions: list[Json]) -> str:
    rows = (
        (f"`{one['id']}`", ", ".join(where["expression"] for where in one["context"]), one["description"])
        for one in extensions
    )
    return "## Extensions\n\nOnly where R4 has no place.\n\n" + _table(("extension", "on", "for"), rows)


def _others() -> str:
    rows = (
        (kind, f"`{one['id']}`", str(one.get("title") or one.get("description")))
        for kind in _OTHERS
        for one in _definitions(kind)
    )
    return "## Other definitions\n\nBeside these, each indicator is a Measure.\n\n" + _table(("kind", "id", "of"), rows)


if __name__ == "__main__":
    sys.stdout.write(page())
