"""``sesame billing`` around schemes: checked, added, kept with their history; the how-to page does what it says."""

import json
import re
import shlex
from pathlib import Path

import pytest

from sesame_fhir.cli.billing.refusals import WHAT_TO_DO, told
from sesame_fhir.domain.reasons import Reason, ReasonCode
from sesame_fhir.fhir.reason_texts import REASON_TEXTS
from sesame_fhir.services.audit_trail import AuditQuery, OneOf
from tests.unit.cli.conftest import Cli

DOCS = Path(__file__).parents[3] / "docs" / "how-to"
EXAMPLE = DOCS / "example-scheme.toml"
BY = ("--by", "claire@example.org")
CLAIRE = ("staff", "add", BY[1], "--name", "Claire Fictive", "--role", "coordinator", "--site", "site-1")


@pytest.fixture
def claire(sesame: Cli) -> Cli:
    """A deployment with a coordinator."""
    sesame.ok(*CLAIRE)
    return sesame


def commands_of(page: str) -> list[list[str]]:
    blocks = re.findall(r"^ *```sh\n(.*?)```", page, re.MULTILINE | re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line.strip()]


def test_the_page_does_what_it_says(sesame: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sesame.folder)
    Path("scheme.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    commands = commands_of((DOCS / "configure-billing.md").read_text(encoding="utf-8"))
    said = [sesame.ok(*command) for name, *command in commands if name == "sesame"]
    assert len(said) == len(commands) >= 8
    assert said[-1] == EXAMPLE.read_text(encoding="utf-8")


def test_what_is_added_is_listed_and_kept_and_audited(claire: Cli) -> None:
    assert "no scheme; use: sesame billing add-scheme" in claire.ok("billing", "schemes")
    assert 'article-51 "2023-1" revision 1: added' in claire.ok("billing", "add-scheme", EXAMPLE, *BY)
    assert claire.ok("billing", "add-scheme", EXAMPLE, *BY).count("known already") == 2
    (first, second) = claire.ok("billing", "schemes").splitlines()
    assert first.startswith("article-51  2023-1  revision=1  2023-11-01 to 2026-12-31  every site")
    assert first.endswith("(EXAMPLE)")
    assert second.startswith("parcours-coordonne-renforce  2027-1  revision=1  2027-01-01 to ...")
    everything = json.loads(claire.ok("billing", "schemes", "--json"))
    assert everything[0]["scheme"]["tariffs"][0]["amount"] == "321.00"
    with claire.store() as store:
        query = AuditQuery((((OneOf("action", ("change-schemes",)),),),))
        entries = [one.entry for one in store.audit.find(query).entries]
    assert [(one.detail, one.extra["scheme"], one.extra["version"]) for one in reversed(entries)] == [
        ("add", "article-51", "2023-1"),
        ("add", "parcours-coordonne-renforce", "2027-1"),
    ]


def test_a_version_that_nothing_was_billed_with_may_be_corrected_and_its_history_stays(claire: Cli) -> None:
    claire.ok("billing", "add-scheme", EXAMPLE, *BY)
    changed = claire.folder / "changed.toml"
    changed.write_text(EXAMPLE.read_text(encoding="utf-8").replace("321.00", "322.00"), encoding="utf-8")
    result = claire("billing", "add-scheme", changed, *BY)
    assert 'article-51 "2023-1" revision 2: replaces the revision before' in result.stdout
    assert 'parcours-coordonne-renforce "2027-1" revision 1: known already' in result.stdout
    assert re.search(r"changed.toml:9: warning: scheme\[1\].version: it will replace this version", result.stderr)
    assert len(claire.ok("billing", "schemes", "--history").splitlines()) == 3
    shown = [claire.ok("billing", "show-scheme", "article-51", "2023-1", *more) for more in ([], ["--revision", "1"])]
    assert ["322.00" in text for text in shown] == [True, False]
    assert "no such scheme" in claire.refused("billing", "show-scheme", "article-51", "2")


def test_mistakes_are_told_with_their_lines_and_nothing_is_added(claire: Cli) -> None:
    wrong = claire.folder / "wrong.toml"
    text = EXAMPLE.read_text(encoding="utf-8").replace('"321.00"', "321").replace("rank = 2\n", "rank = 0\n", 1)
    wrong.write_text(text, encoding="utf-8")
    for command in (("check-scheme", wrong), ("add-scheme", wrong, *BY)):
        result = claire("billing", *command)
        *lines, last = result.stderr.splitlines()
        assert result.exit_code == 1
        assert [line.partition("wrong.toml:")[2].split(": ")[0] for line in lines] == ["28", "37"]
        assert 'write the amount in quotes, so that nothing rounds it: amount = "321"' in lines[0]
        assert last == f"Error: 2 mistakes in {wrong}; correct the file, then check it again"
    assert "no scheme" in claire.ok("billing", "schemes")


def test_a_file_is_checked_without_a_database_too(empty: Cli) -> None:
    result = empty("billing", "check-scheme", EXAMPLE)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "no mistake"
    assert "an example, as the file says" in result.stdout
    assert "not compared with the schemes in force" in result.stderr


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ("nobody", "no such account; see `sesame staff list`"),
        ("lea", "this account is of a nurse; billing is the coordinator's"),
        ("gone", "the account is deactivated; an administrator can open it again"),
    ],
)
def test_who_may_not_act_is_told_why(sesame: Cli, login: str, said: str) -> None:
    for name, role in (("lea", "nurse"), ("gone", "coordinator")):
        sesame.ok("staff", "add", name, "--name", "Léa Fictive", "--role", role, "--site", "site-1")
    sesame.ok("staff", "deactivate", "gone")
    assert said in sesame.refused("billing", "add-scheme", EXAMPLE, "--by", login)


def test_a_site_out_of_reach_is_refused_with_what_to_do(claire: Cli) -> None:
    claire.extra["SESAME_SITES"] = '[{"id": "site-1", "name": "Un"}, {"id": "site-2", "name": "Deux"}]'
    elsewhere = claire.folder / "elsewhere.toml"
    elsewhere.write_text(
        EXAMPLE.read_text(encoding="utf-8").replace("late_days = 180", 'late_days = 180\nsites = ["site-2"]'),
        encoding="utf-8",
    )
    assert "out-of-scope (site-2): the account does not work at this site" in claire.refused(
        "billing", "add-scheme", elsewhere, *BY
    )
    assert "no scheme" in claire.ok("billing", "schemes")


def test_what_the_rules_refuse_is_told_in_english_with_the_code() -> None:
    billing = [code for code in ReasonCode if code.startswith(("batch", "claim", "scheme", "no-such-b"))]
    assert set(billing) <= WHAT_TO_DO.keys()
    assert told(Reason(ReasonCode.BATCH_EMPTY, "2026-06")).startswith("batch-empty (2026-06): the batch has no line")
    assert told(Reason(ReasonCode.MINOR)) == f"minor: {REASON_TEXTS[ReasonCode.MINOR]}"
