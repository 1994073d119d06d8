"""The page of what is published is the one made from the mappings."""

from pathlib import Path

from mappings.reference import field_maps, page

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "published.md"


def test_the_page_says_what_the_mappings_do() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_the_page_names_every_mapping() -> None:
    text = page()
    assert all(f"## {fields.source.__name__} (`mappings/{name}.py`)" in text for name, fields in field_maps())
    assert "| `private_note` | not here: its author's own; never published. |" in text
