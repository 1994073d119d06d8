"""One team with patients in every part of the caseload, on Monday 23 March 2026 at 10:00 in Paris."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sesame_fhir.domain.actors import Role
from tests.support.app_pages import migrated_database
from tests.support.team_cases import Case, followed_case, referred_case
from tests.support.team_pages import OTHER_SITE, Team, build_team


def a_caseload(folder: Path, **choices: Any) -> tuple[Team, dict[str, Case]]:
    """The team, and its patients by family name.

    BIDON got better and is in relapse prevention; CHIMERE, at the other site, got worse and is marked; DUMMY was taken
    three weeks ago and is not assessed; ESSAI began today; FACTICE left; GABARIT waits; HYPOTHESE declined.
    """
    team = build_team(migrated_database(folder), **choices)
    clock = team.pages.clock
    bidon, chimere = followed_case(team, 1), followed_case(team, 2, OTHER_SITE).join(Role.PSYCHIATRIST)
    dummy = referred_case(team, 3).accept()
    clock.move(days=14)
    bidon.hold("111111110", note="Dort mieux.", private_note="Parle de son frère.")
    chimere.hold("333333330").mark()
    clock.move(days=7)
    bidon.hold("100000000").prevent_relapse().schedule(clock.now() + timedelta(days=20))
    chimere.schedule(clock.now() + timedelta(days=2))
    cases = {
        "BIDON": bidon,
        "CHIMERE": chimere,
        "DUMMY": dummy,
        "ESSAI": followed_case(team, 4),
        "FACTICE": followed_case(team, 5).leave(),
        "GABARIT": referred_case(team, 6).call(),
        "HYPOTHESE": referred_case(team, 7, OTHER_SITE).decline(),
    }
    return team, cases
