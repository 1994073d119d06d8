"""Which cases the weekly list holds, and under which heading: by hand first, then by rule, the most pressing first.

Source: domain page, step 6, and the rules of ``domain.progress`` that ask for a psychiatrist's opinion. A case stands
once, under the first heading that it has; its other flags are shown beside it.
"""

from dataclasses import replace
from datetime import date
from enum import StrEnum

from sesame_fhir.domain.progress.model import Rule
from sesame_fhir.services.caseload import CaseloadQuery, CaseloadRow


class Group(StrEnum):
    """A heading of the list."""

    BY_HAND = "by-hand"
    SUICIDE_RISK = Rule.SUICIDE_RISK.value
    WORSENING = Rule.WORSENING.value
    NO_IMPROVEMENT = Rule.NO_IMPROVEMENT.value
    REVIEW_DUE = Rule.REVIEW_DUE.value


def asked_of(group: Group, query: CaseloadQuery) -> CaseloadQuery:
    """The same question, for the cases of one group."""
    return replace(query, discuss=True) if group is Group.BY_HAND else replace(query, flag=group.value)


def group_of(row: CaseloadRow, today: date) -> Group | None:
    """The heading under which the case stands; None when it is not on the list."""
    if row.discuss:
        return Group.BY_HAND
    raised = {flag.rule for flag in row.raised(today)}
    return next((group for group in Group if group.value in raised), None)
