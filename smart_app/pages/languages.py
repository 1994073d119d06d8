"""French first, English second: gettext catalogues in ``smart_app/translations``, source strings in French.

Compile after a change with ``pybabel compile -d smart_app/translations``; a test compares the two files.
"""

from pathlib import Path

from flask import Flask, request
from flask_babel import Babel, get_locale  # type: ignore[import-untyped]  # ships no types

LANGUAGES = ("fr", "en")
CATALOGUES = Path(__file__).resolve().parent.parent / "translations"


def speak_french_first(app: Flask) -> None:
    """Give an application our catalogues."""
    Babel(
        app,
        default_locale=LANGUAGES[0],
        default_translation_directories=str(CATALOGUES),
        locale_selector=preferred_language,
    )


def preferred_language() -> str:
    """French, unless the address or the browser asks for English."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return str(asked)
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def language() -> str:
    """Language of the page being rendered, as an HTML ``lang``."""
    return str(get_locale() or LANGUAGES[0])
