"""The profile layer: checks by profile URL, and responses against the questionnaires we know.

A check is a plain function; which ones apply is decided by what the resource claims (``meta.profile``, or
``QuestionnaireResponse.questionnaire``). What we do not know is not checked, and that is said as a warning for a
questionnaire version only, since the answers then mean something we cannot verify.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity
from sesame_fhir.fhir.problems import Problem
from sesame_fhir.fhir.questionnaire_response import answer_problems
from sesame_fhir.fhir.walk import child, objects, text, walk

_EXTENSIONS = frozenset({"extension", "modifierExtension"})

ProfileCheck = Callable[[Json], Iterable[Problem]]
"""Problems of one resource against one profile; paths are relative to the resource."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """``checks`` by profile URL without version; ``questionnaires`` by URL (one current version each)."""

    checks: Mapping[str, ProfileCheck] = field(default_factory=dict)
    questionnaires: Mapping[str, Json] = field(default_factory=dict)

    def issues(self, resource: Json, root: str) -> Iterator[Issue]:
        """Issues of every check that applies to the resource, ``root`` being its FHIRPath."""
        claimed = child(resource, "meta").get("profile")
        for canonical in claimed if isinstance(claimed, list) else ():
            check = self.checks.get(str(canonical).partition("|")[0])
            if check is not None:
                yield from (problem.issue(root) for problem in check(resource))
        if self.checks:
            yield from (problem.issue(root) for problem in self._extensions(resource))
        if resource.get("resourceType") == "QuestionnaireResponse":
            yield from (problem.issue(root) for problem in self._answers(resource))

    def _extensions(self, resource: Json) -> Iterator[Problem]:
        """An extension that we define is as we define it, wherever it stands."""
        for path, node in walk(resource).nodes:
            for name in _EXTENSIONS & node.keys():
                for place, one in enumerate(objects(node, name)):
                    check = self.checks.get(text(one, "url"))
                    if check is not None:
                        yield from (replace(found, path=(*path, name, place, *found.path)) for found in check(one))

    def _answers(self, response: Json) -> Iterator[Problem]:
        url, _, version = text(response, "questionnaire").partition("|")
        questionnaire = self.questionnaires.get(url)
        if questionnaire is None:
            return
        if version and version != questionnaire.get("version"):
            unknown = "Version du questionnaire inconnue : les réponses n'ont pas été vérifiées."
            yield Problem(IssueType.NOT_FOUND, unknown, ("questionnaire",), severity=Severity.WARNING)
            return
        yield from answer_problems(response, questionnaire)


NO_PROFILES = Profiles()
"""Nothing beyond R4 itself."""
