"""Pages made from the scheme file's schema and from the example are what the code says now; a demo bills by it."""

from dataclasses import replace
from pathlib import Path

from sesame_fhir.server.billing.example import add_example, example_file
from sesame_fhir.server.billing.scheme_reference import documentation
from sesame_fhir.server.demo_ehr import demo_settings, issuer
from sesame_fhir.server.demo_team import coordinator, members
from sesame_fhir.server.settings import load
from sesame_fhir.storage import open_store
from tests.support.databases import VAULT_KEY, migrated

DOCS = Path(__file__).parents[4] / "docs"


def test_the_page_of_keys_is_the_one_made_from_the_schema() -> None:
    assert (DOCS / "reference" / "scheme-file.md").read_text(encoding="utf-8") == documentation(), "run `make docs`"


def test_the_example_of_the_pages_is_the_one_that_comes_with_the_software() -> None:
    assert (DOCS / "how-to" / "example-scheme.toml").read_text(encoding="utf-8") == example_file(), "run `make docs`"


def test_a_demo_has_two_coordinators_for_its_sites_and_the_example_once(tmp_path: Path) -> None:
    migrated(tmp_path / "sesame.db")
    settings = demo_settings(load(None, {}))
    who = coordinator(settings, issuer(settings))
    pair = [one for one in members(settings, issuer(settings)) if one.role is who.actor.role]
    assert [frozenset(one.sites) for one in pair] == [who.sites] * 2
    with open_store(f"sqlite:///{tmp_path / 'sesame.db'}", VAULT_KEY) as store:
        add_example(settings, store, who)
        add_example(replace(settings, sites=()), store, who)
        standing = store.billing.schemes.history()
    assert [(one.revision, one.scheme.example, one.source) for one in standing] == [(1, True, example_file())] * 2
