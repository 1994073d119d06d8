"""Looking at a page: axe-core, no sideways scrolling, targets large enough; a picture where pictures are asked for."""

import os
from pathlib import Path
from typing import cast

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

SHOTS = Path(__file__).parents[2] / "var" / "screenshots"
PICTURES = "PICTURES" in os.environ
"""Nothing is asserted of a picture: they are taken when somebody wants to look (``make pictures``)."""
TARGET_PIXELS = 44
# Between two colours there is one that nobody can read: what is judged is where a change of colour ends.
_STILL = "Promise.allSettled(document.getAnimations().map(one => one.finished)).then(() => null)"
_OPTIONS = '{resultTypes: ["violations"]}'


def check(page: Page, name: str) -> None:
    """No axe violation, no sideways scrolling, targets large enough."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.evaluate("window.scrollTo(0, 0)")
    page.evaluate(_STILL)
    if PICTURES:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
    found = _axe(page)
    assert found.violations_count == 0, f"{name} at {width}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    small = page.evaluate(
        f"""[...document.querySelectorAll('main button, main .primary, main fieldset label:not(.field)')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < {TARGET_PIXELS})
            .map(e => e.innerText)"""
    )
    assert small == [], f"{name}: targets below {TARGET_PIXELS} px: {small}"


def _axe(page: Page) -> AxeResults:
    """Every rule of axe-core; its half megabyte is read once per document, and only what it objects to comes back."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate(f"axe.run({_OPTIONS}).then(found => found.violations)")
    return AxeResults(cast("dict[str, object]", {"violations": violations}))
