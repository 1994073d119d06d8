"""Weight of the pages, addresses of the assets, and the EHR's look treated as hostile."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from smart_app.pages.assets import STATIC, asset
from smart_app.pages.style import FOREGROUNDS, MINIMUM_CONTRAST, contrast, css_block, custom_properties
from tests.support.app_pages import Pages

LIMIT_BYTES = 25_000
SCRIPT_LIMIT_BYTES = 2_048


@pytest.mark.parametrize("path", ["/form/phq-2", "/form/phq-9", "/form/audit-c"])
def test_the_first_load_is_light_all_included_and_from_this_origin(pages: Pages, path: str) -> None:
    answer = pages.get(path)
    total = len(answer.data)
    assets = re.findall(r'(?:href|src)="(/app/assets/[^"]+)"', answer.text)
    assert len(assets) == 2
    for address in assets:
        total += len(pages.client.get(address).data)
    assert total <= LIMIT_BYTES
    assert not re.search(r'(?:href|src|action)="(?:https?:)?//', answer.text)


def test_the_script_is_small() -> None:
    assert len(asset("sesame.js").body) <= SCRIPT_LIMIT_BYTES


def test_assets_are_cached_for_ever_under_an_address_that_changes_with_them(pages: Pages) -> None:
    answer = pages.client.get(f"/app/assets/{asset('sesame.css').address}")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/css; charset=utf-8"
    for wrong in ("sesame.css", "sesame-0000000000000000.css", "../deps.py", "..%2fdeps.py"):
        assert pages.client.get(f"/app/assets/{wrong}").status_code == 404


def test_pages_are_never_cached_and_carry_the_headers(pages: Pages) -> None:
    answer = pages.get("/form/phq-2")
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors https://ehr.invalid" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"<[^>]+\s(?:style|on\w+)=", answer.text)


def test_the_foregrounds_that_are_checked_are_those_of_the_stylesheet() -> None:
    css = (STATIC / "sesame.css").read_text(encoding="utf-8")
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", css))
    assert set(FOREGROUNDS) == {tokens[name] for name in ("text", "muted", "accent", "danger", "warn", "good")}
    surfaces = [tokens[name] for name in ("bg", "soft", "accent-soft", "danger-soft", "warn-soft", "good-soft")]
    for surface in surfaces:
        assert contrast(tokens["text"], surface) >= MINIMUM_CONTRAST
    for name in ("danger", "warn", "good", "accent"):
        assert contrast(tokens[name], tokens[f"{name}-soft"]) >= MINIMUM_CONTRAST
        assert contrast(tokens["bg"], tokens[name]) >= MINIMUM_CONTRAST
    assert contrast(tokens["field"], tokens["bg"]) >= 3, "borders of controls: WCAG 1.4.11"


STYLES: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {}),
    ({"color_background": "#fbf7ef"}, {"--bg": "#fbf7ef"}),
    ({"color_background": "#fff", "color_highlight": "#7a2048"}, {"--bg": "#fff", "--accent": "#7a2048"}),
    ({"color_background": "#000000"}, {}),
    ({"color_background": "#808080"}, {}),
    ({"color_highlight": "#ffff00"}, {}),
    ({"color_background": "red;}body{display:none"}, {}),
    ({"color_background": "rgb(255,255,255)"}, {}),
    ({"color_background": "url(https://evil.example/x)"}, {}),
    ({"color_background": "#ffffff</style><script>"}, {}),
    ({"color_background": ["#ffffff"]}, {}),
    ({"color_background": 7}, {}),
    ({"dim_border_radius": "4px", "dim_font_size": "18px"}, {"--radius": "4px", "--size": "18px"}),
    ({"dim_border_radius": "99px", "dim_font_size": "2px"}, {}),
    ({"dim_font_size": "1e9px"}, {}),
    ({"dim_font_size": "calc(1px)"}, {}),
    ({"unknown": "#ffffff"}, {}),
]


@pytest.mark.parametrize(("style", "expected"), STYLES)
def test_only_harmless_readable_values_of_a_style_are_used(style: dict[str, Any], expected: dict[str, str]) -> None:
    assert custom_properties(style) == expected


def test_the_style_stands_in_a_block_with_the_nonce(build: Callable[..., Pages]) -> None:
    pages = build(context={"style": {"color_background": "#fbf7ef", "color_text": "</style>"}})
    answer = pages.get("/form/phq-2")
    nonce = re.search(r"style-src 'self' 'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
    assert nonce is not None
    assert f'<style nonce="{nonce[1]}">:root{{--bg:#fbf7ef}}</style>' in answer.text
    assert css_block({}) == ""


def test_the_strip_names_the_patient_even_when_the_ehr_shows_its_own_banner(build: Callable[..., Pages]) -> None:
    pages = build(context={"need_patient_banner": False})
    body = pages.get("/form/phq-2").text
    assert 'class="strip slim"' in body
    for text in ("FICTIVE Jeanne", "41 ans", "Femme", "7 décembre 1984", "INS de test"):
        assert text in body
