"""French first, English second: gettext catalogues in ``smart_app/translations``, source strings in French.

Compile after a change with ``pybabel compile -d smart_app/translations``; a test compares the two files.
"""

from pathlib import Path

from flask import Flask, Response, request
from flask_babel import Babel, get_locale  # type: ignore[import-untyped]  # ships no types

from smart_app.session.cookies import launch_path

LANGUAGES = ("fr", "en")
_COOKIE = "sesame_lang"
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
    """French, unless the user asked for English with ``?lang=en``, on this page or before in this launch.

    The browser's Accept-Language is not asked: engines embedded in practice software say ``en-US`` wherever they are.
    """
    asked = request.args.get("lang") or request.cookies.get(_COOKIE)
    return asked if asked in LANGUAGES else LANGUAGES[0]


def remember_language(response: Response) -> Response:
    """Keep the language asked for, for this launch."""
    if request.view_args is not None:
        keep_language(response, launch_path(str(request.view_args.get("launch_id"))))
    return response


def keep_language(response: Response, path: str) -> None:
    """Keep the language asked for with this request, below ``path``."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        response.set_cookie(_COOKIE, asked, path=path, secure=True, httponly=True, samesite="None", partitioned=True)


def language() -> str:
    """Language of the page being rendered, as an HTML ``lang``."""
    return str(get_locale() or LANGUAGES[0])
