"""Our look for the apps that we open (SMART 2.2, "Styling", experimental).

The address changes with the style: what is behind it never does, so it may be cached for good.
"""

from sesame_fhir.api.deps import ApiDeps

PATH = "/style-1.json"

STYLE = {
    "color_background": "#ffffff",
    "color_error": "#a3122a",
    "color_highlight": "#1b4f9c",
    "color_modal_backdrop": "#16213a",
    "color_success": "#14623a",
    "color_text": "#16213a",
    "dim_border_radius": "8px",
    "dim_font_size": "16px",
    "dim_spacing_size": "12px",
    "font_family_body": "system-ui, sans-serif",
    "font_family_heading": "system-ui, sans-serif",
}
"""The keys of the specification."""


def style_url(deps: ApiDeps) -> str:
    """Where the style is."""
    return f"{deps.oauth_base}{PATH}"
