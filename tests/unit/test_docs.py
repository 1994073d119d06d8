"""Documentation that is made from the code is what the code says now; links lead somewhere."""

import re
from pathlib import Path

import pytest

from sesame_fhir.domain.diagram import page

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_page_of_states_is_the_one_made_from_the_table() -> None:
    assert (ROOT / "docs" / "pathway.md").read_text(encoding="utf-8") == page(), "run `make docs`"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert not broken
