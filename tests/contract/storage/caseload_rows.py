"""Caseload rows of every kind for the contract, and what a page must show, said plainly in Python."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.caseload import Bucket, CaseloadQuery, CaseloadRow, CaseloadSort, RowFlag
from sesame_fhir.services.folding import fold
from sesame_fhir.services.records import Commit
from tests.contract.storage.story import Script

TODAY = date(2026, 6, 15)
SITES = tuple(SiteId(f"site-{letter}") for letter in "abc")
STATES = {
    Bucket.BEFORE: (State.SCREENED, State.NOT_STARTED),
    Bucket.REFERRAL: (State.REFERRED,),
    Bucket.FOLLOWED: (State.ASSESSMENT, State.CARE, State.RELAPSE_PREVENTION, State.CARE_INTERRUPTED),
    Bucket.CLOSED: (State.EXITED, State.MERGED),
}
RULES = ("contact-overdue", "worsening", "response")
NAMES = ("Émeraude", "Ænéas", "d’Été", "FICTIF", "Fictive", "le Œuf", "Zoë")


def some_row(number: int, chance: random.Random) -> CaseloadRow:
    """A row in which every optional value is there or not."""
    bucket = chance.choice(list(Bucket))
    family = chance.choice(NAMES)

    def maybe_day(spread: int = 20) -> date | None:
        return None if chance.random() < 0.3 else TODAY + timedelta(days=chance.randint(-spread, spread))

    def maybe_time() -> datetime | None:
        day = maybe_day(3)
        return None if day is None else datetime.combine(day, time(9 + chance.randint(0, 2)), UTC)

    return CaseloadRow(
        pathway_id=PathwayId(f"pathway-{number:03}"),
        site=chance.choice(SITES),
        state=chance.choice(STATES[bucket]),
        bucket=bucket,
        family=family,
        given="Jeanne",
        sort_name=fold(f"{family} Jeanne"),
        birth_date=maybe_day(9000),
        sex="female",
        updated_at=datetime(2026, 6, 1, chance.randint(0, 3), tzinfo=UTC),
        safety_open=chance.random() < 0.1,
        phq9_change=chance.choice((None, -9, -3, 0, 4)),
        last_score_at=maybe_time(),
        referred_at=maybe_time(),
        referrer_id=chance.choice((None, "gp-1", "gp-2")),
        nurse_id=chance.choice((None, "nurse-1", "nurse-2")),
        psychiatrist_id=chance.choice((None, "psy-1", "psy-2")),
        started_on=maybe_day(),
        next_contact_at=maybe_time(),
        sequence_end=maybe_day(),
        discuss=chance.random() < 0.3,
        flags=tuple(_some_flags(chance)),
        attention_on=maybe_day(),
    )


def _some_flags(chance: random.Random) -> list[RowFlag]:
    return [
        RowFlag(
            rule,
            since := TODAY + timedelta(days=chance.randint(-5, 3)),
            chance.choice((None, since + timedelta(days=chance.randint(0, 4)))),
        )
        for rule in chance.choices(RULES, k=chance.randint(0, 4))
    ]


def commit_of_row(row: CaseloadRow) -> Commit:
    """A new pathway whose caseload row is this one."""
    commit = Script(row.pathway_id, patient=f"Patient/{row.pathway_id}", site=row.site).screened()
    return replace(commit, projections=replace(commit.projections, caseload=row))


def matches(row: CaseloadRow, query: CaseloadQuery) -> bool:
    """What the query says, row by row."""
    wanted = (
        row.site in query.sites,
        row.bucket in query.buckets,
        not query.states or row.state in query.states,
        query.flag is None or query.flag in {flag.rule for flag in row.raised(query.today)},
        query.discuss is None or row.discuss is query.discuss,
        query.nurse_id is None or row.nurse_id == query.nurse_id,
        query.reviewer_id is None or row.discuss or row.psychiatrist_id == query.reviewer_id,
        query.referrer_id is None or row.referrer_id == query.referrer_id,
        query.name is None or row.sort_name.startswith(fold(query.name)),
        query.attention_by is None or (row.attention_on is not None and row.attention_on <= query.attention_by),
    )
    return all(wanted)


_VALUES = {
    CaseloadSort.ATTENTION: "attention_on",
    CaseloadSort.NEXT_CONTACT: "next_contact_at",
    CaseloadSort.NAME: "sort_name",
    CaseloadSort.STARTED: "started_on",
    CaseloadSort.SEQUENCE_END: "sequence_end",
    CaseloadSort.CHANGE: "phq9_change",
    CaseloadSort.REFERRED: "referred_at",
    CaseloadSort.SITE: "site",
    CaseloadSort.UPDATED: "updated_at",
}


def expected(rows: list[CaseloadRow], query: CaseloadQuery) -> list[PathwayId]:
    """Every matching pathway in the order asked for; ``rows`` come oldest first."""
    name = _VALUES[query.sort]
    found = [(getattr(row, name), age, row.pathway_id) for age, row in enumerate(rows) if matches(row, query)]
    valued = sorted((one for one in found if one[0] is not None), reverse=query.descending)
    empty = sorted((one for one in found if one[0] is None), key=lambda one: one[1], reverse=query.descending)
    return [one[2] for one in (*valued, *empty)]
