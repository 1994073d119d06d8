"""``Measure/$evaluate-measure`` (R4 measure-operation-evaluate-measure): an indicator as a MeasureReport.

The numbers are those of the indicators' page, under the same rules of disclosure: exact for the care team, hidden when
small, rounded and in whole months for everybody else. Only counts: a report about one patient, or with a list of
patients, is not given.
"""

from collections.abc import Iterable
from datetime import date

from mappings.measure import measure_url
from mappings.measure_report import Frame, measure_report
from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.operations.output import answer
from sesame_fhir.api.operations.parameters import Given, Parameter, read_parameters
from sesame_fhir.api.operations.registry import R4_OPERATION, Operation
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.definitions import BY_CODE
from sesame_fhir.domain.indicators.model import Indicator
from sesame_fhir.domain.indicators.window import Window, whole_months
from sesame_fhir.fhir.errors import InvalidResource, NotAllowed, NotSupported, UnknownCode
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.indicators import Reader, figures, gather, reader_of

_PARAMETERS = (
    *(Parameter("periodStart", "date", required=True), Parameter("periodEnd", "date", required=True)),
    *(Parameter("measure", "string"), Parameter("reportType", "code"), Parameter("subject", "string")),
)
_GIVEN_TYPES = frozenset({"population", "summary"})
_DEEP = 3


def run(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$evaluate-measure``."""
    caller.access("Measure", "r")
    if caller.access("MeasureReport", "r").limited:
        raise NotAllowed  # counts are about everybody: a token of one patient, or of a part, has none
    if deps.engine is None:
        raise NotSupported
    given = read_parameters(_PARAMETERS, ask.pairs, ask.body)
    indicator = _indicator(ask, given)
    _check_type(given)
    reader = _reader(caller, deps.engine)
    sites = _sites(deps, caller)
    window = _window(given, local_day(deps.clock.now()), sites)
    if reader.outside:
        window = whole_months(window)
    audit(deps, caller, "evaluate-measure", "Measure", indicator.code)
    shown = figures(gather(deps.engine.pathways, window), window, reader)[indicator.code]
    named = [(site, deps.site_names.get(site, site)) for site in sorted(sites)]
    return answer(measure_report(indicator, shown, Frame(window, named, deps.clock.now())))


def _indicator(ask: Ask, given: Given) -> Indicator:
    """The indicator of the address, or the one named by ``measure``: an id or a canonical.

    Raises:
        NotFound: no such Measure at this address.
        InvalidResource: none was named.
        UnknownCode: the named one is none of ours.
    """
    if len(ask.path) == _DEEP:
        found = BY_CODE.get(ask.path[1])
        if found is None:
            raise NotFound
        return found
    named = given.text("measure")
    if named is None:
        raise InvalidResource(error(IssueType.REQUIRED, "Dire quelle mesure : son id ou son url.", "measure"))
    wanted = named.partition("|")[0].removeprefix("Measure/")
    for indicator in BY_CODE.values():
        if wanted in (indicator.code, measure_url(indicator)):
            return indicator
    raise UnknownCode(error(IssueType.NOT_FOUND, "Mesure inconnue ici.", given.place("measure")))


def _check_type(given: Given) -> None:
    kind = given.text("reportType")
    if given.text("subject") is not None:
        raise given.wrong("subject", "Seuls des nombres sont donnés, sans patient.", IssueType.NOT_SUPPORTED)
    if kind is not None and kind not in _GIVEN_TYPES:
        raise given.wrong("reportType", "Seul reportType population est pris en charge.", IssueType.NOT_SUPPORTED)


def _reader(caller: Caller, engine: Engine) -> Reader:
    """A clinician of ours sees exact figures; any other token is a reader outside the care team."""
    if caller.member is None:
        return Reader(outside=True, policy=engine.policy)
    return reader_of(caller.member.role, engine.policy)


def _sites(deps: ApiDeps, caller: Caller) -> frozenset[SiteId]:
    """Where the caller may count.

    Raises:
        NotAllowed: nowhere.
    """
    everywhere: Iterable[SiteId] = deps.site_names or (deps.site,)
    sites = frozenset(everywhere if caller.member is None else caller.member.sites)
    if caller.sites is not None:
        sites &= caller.sites
    if not sites:
        raise NotAllowed
    return sites


def _window(given: Given, today: date, sites: frozenset[SiteId]) -> Window:
    start, end = _day(given, "periodStart", today), _day(given, "periodEnd", today)
    if start > end:
        raise given.wrong("periodEnd", "periodEnd : pas avant periodStart.")
    return Window(start, end, today, sites)


def _day(given: Given, name: str, today: date) -> date:
    try:
        day = date.fromisoformat(given.text(name) or "")
    except ValueError:
        raise given.wrong(name, f"{name} : jour attendu, par exemple 2026-03-01.") from None
    if day > today:
        raise given.wrong(name, f"{name} : pas dans le futur.")
    return day


MEASURE_OPERATIONS = (
    Operation(
        "evaluate-measure",
        f"{R4_OPERATION}/Measure-evaluate-measure",
        ("type", "instance"),
        ("Measure",),
        run,
        _PARAMETERS,
    ),
)
