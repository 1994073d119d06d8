"""Pages made from the scheme file's schema and from the example are what the code says now."""

from pathlib import Path

from sesame_fhir.server.billing.example import example_file
from sesame_fhir.server.billing.scheme_reference import documentation

DOCS = Path(__file__).parents[4] / "docs"


def test_the_page_of_keys_is_the_one_made_from_the_schema() -> None:
    assert (DOCS / "reference" / "scheme-file.md").read_text(encoding="utf-8") == documentation(), "run `make docs`"


def test_the_example_of_the_pages_is_the_one_that_comes_with_the_software() -> None:
    assert (DOCS / "how-to" / "example-scheme.toml").read_text(encoding="utf-8") == example_file(), "run `make docs`"
