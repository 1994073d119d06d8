"""A problem found in a resource before it is known where that resource sits: the layers' common result."""

from dataclasses import dataclass

from sesame_fhir.fhir.json_types import Path, fhirpath
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity


@dataclass(frozen=True, slots=True)
class Problem:
    """``path`` is relative to the resource; ``rule`` the key of a published invariant (``obs-6``) when it is one."""

    code: IssueType
    diagnostics: str
    path: Path = ()
    rule: str | None = None
    severity: Severity = Severity.ERROR

    def issue(self, root: str) -> Issue:
        """As reported, with ``root`` the FHIRPath of the resource, e.g. ``Bundle.entry[0].resource``."""
        return Issue(self.severity, self.code, self.diagnostics, (fhirpath(root, self.path),), rule=self.rule)


def broken(rule: str, diagnostics: str, *path: str | int) -> Problem:
    """A published invariant that does not hold."""
    return Problem(IssueType.INVARIANT, f"{diagnostics} ({rule})", path, rule)
