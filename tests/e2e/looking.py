"""Looking at a page: axe-core, no sideways scrolling, targets large enough, a picture kept in var/screenshots."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SHOTS = Path(__file__).parents[2] / "var" / "screenshots"
TARGET_PIXELS = 44


def check(page: Page, name: str) -> None:
    """No axe violation, no sideways scrolling, targets large enough; keep a picture."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name} at {width}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    small = page.evaluate(
        f"""[...document.querySelectorAll('main button, main .primary, main fieldset label:not(.field)')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < {TARGET_PIXELS})
            .map(e => e.innerText)"""
    )
    assert small == [], f"{name}: targets below {TARGET_PIXELS} px: {small}"
