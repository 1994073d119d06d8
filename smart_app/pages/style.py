"""The EHR's look (``smart_style``), treated as hostile: a value is used only if it cannot hurt.

The style is a file that somebody else controls. ``launch.style`` keeps plain colours and lengths; what reaches the
page is narrower still: hexadecimal colours under which every text keeps the contrast that WCAG 2.2 AA asks for
(4.5:1), and sizes in pixels, so an EHR's dark or pale theme cannot make an answer unreadable.
"""

import re
from collections.abc import Mapping

MINIMUM_CONTRAST = 4.5

# The foregrounds of static/sesame.css that may stand on the page's background; a test compares them with the file.
FOREGROUNDS = ("#16213a", "#4b566b", "#1b4f9c", "#a3122a", "#7a4700", "#14623a")
_WHITE = "#ffffff"
_SOFT_ACCENT = "#e4edfa"

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_SIZE = re.compile(r"(\d{1,2}(?:\.\d{1,2})?)px")


def custom_properties(style: Mapping[str, object]) -> dict[str, str]:
    """Turn a SMART style into safe CSS custom properties (name -> value); empty when nothing may be used.

    Source of the names: SMART App Launch 2.2.0, "Styling".
    """
    found = {
        "--bg": _background(_text(style, "color_background")),
        "--accent": _accent(_text(style, "color_highlight")),
        "--radius": _size(_text(style, "dim_border_radius"), 0, 20),
        "--size": _size(_text(style, "dim_font_size"), 14, 20),
    }
    return {name: value for name, value in found.items() if value is not None}


def css_block(properties: Mapping[str, str]) -> str:
    """The ``:root`` rule for a nonce'd style element; empty without properties."""
    body = ";".join(f"{name}:{value}" for name, value in properties.items())
    return f":root{{{body}}}" if body else ""


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two ``#rgb`` or ``#rrggbb`` colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _text(style: Mapping[str, object], name: str) -> str:
    value = style.get(name)
    return value.strip() if isinstance(value, str) else ""


def _background(text: str) -> str | None:
    if not _COLOUR.fullmatch(text):
        return None
    return text if all(contrast(text, colour) >= MINIMUM_CONTRAST for colour in FOREGROUNDS) else None


def _accent(text: str) -> str | None:
    if not _COLOUR.fullmatch(text):
        return None
    # It is written on white, under white, and on its own pale shade.
    return text if all(contrast(text, c) >= MINIMUM_CONTRAST for c in (_WHITE, _SOFT_ACCENT)) else None


def _size(text: str, lowest: float, highest: float) -> str | None:
    match = _SIZE.fullmatch(text)
    return text if match and lowest <= float(match[1]) <= highest else None


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:  # noqa: PLR2004  the short form #rgb
        digits = "".join(d * 2 for d in digits)
    red, green, blue = (_linear(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  sRGB, WCAG 2.2
