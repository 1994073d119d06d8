"""How much all reads of one Bundle may answer together: each is bounded by itself, a thousand of them are not."""

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.exchange import Answer, Ask, Perform
from sesame_fhir.fhir.errors import TooCostly
from sesame_fhir.fhir.outcomes import IssueType, error

MAX_ANSWERED = 32 * 1024 * 1024
"""Bytes of FHIR JSON after which the entries that follow are refused."""


def bounded(perform: Perform) -> Perform:
    """``perform`` for the entries of one Bundle.

    Raises (from what is returned):
        TooCostly: the entries before have filled the answer; nothing of this one has been done.
    """
    answered = 0

    def one(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
        nonlocal answered
        if answered >= MAX_ANSWERED:
            text = "Réponse trop volumineuse : demander ces entrées dans un autre Bundle."
            raise TooCostly(error(IssueType.TOO_COSTLY, text))
        answer = perform(deps, caller, ask)
        answered += len(answer.content or b"")
        return answer

    return one
