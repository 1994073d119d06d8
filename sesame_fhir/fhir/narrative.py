"""The narrative allow-list: XHTML that cannot run anything (R4 invariants txt-1 and txt-2, and safe link targets).

Parsed with a hardened parser: no entities, no DTD, no network, no huge trees.
"""

import re
from html.entities import name2codepoint
from typing import Final

from lxml import etree

_XHTML: Final = "{http://www.w3.org/1999/xhtml}"
_ELEMENTS = frozenset(
    (
        *("a", "abbr", "acronym", "b", "big", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd"),
        *("dfn", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre"),
        *("q", "samp", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
        *("tt", "ul", "var"),
    )
)
_ATTRIBUTES = frozenset(
    (
        *("abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border", "cellhalign", "cellpadding", "cellspacing"),
        *("cellvalign", "char", "charoff", "charset", "cite", "class", "colspan", "compact", "coords", "dir", "frame"),
        *("headers", "height", "href", "hreflang", "hspace", "id", "lang", "longdesc", "name", "nowrap", "rel", "rev"),
        *(
            "rowspan",
            "rules",
            "scope",
            "shape",
            "span",
            "src",
            "start",
            "style",
            "summary",
            "tabindex",
            "title",
            "type",
        ),
        *("valign", "value", "vspace", "width"),
    )
)
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_TARGETS = frozenset({"href", "src", "cite", "longdesc"})
_SAFE_TARGET = re.compile(
    r"(?:#|https?:|ftp:|mailto:|tel:|urn:|data:\s*image/(?:png|gif|jpeg);|[^:/?#]*(?:[/?#]|$))", re.IGNORECASE
)
"""A scheme that runs nothing, or none: a colon after the first of ``/?#`` ends no scheme (RFC 3986, 4.2)."""
_UNSAFE_STYLE = re.compile(
    r"url\s*\(\s*['\"]?\s*(?!data:\s*image/)(?:[a-z][a-z0-9+.\-]*:|//)|expression|@import|\\", re.IGNORECASE
)
_DECLARATION = re.compile(r"<\?|<!(?!--)|<!---?>")
"""``<!-->`` and ``<!--->`` begin a comment in XML and are a whole one in HTML, where what follows would run."""
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


def narrative_fault(div: str) -> str | None:
    """What is wrong with a ``Narrative.div``, in French, without quoting it; None when it is acceptable."""
    if _DECLARATION.search(div):
        return "Le récit ne doit contenir ni DOCTYPE, ni CDATA, ni instruction de traitement, ni commentaire vide."
    try:
        root = narrative_element(div)
    except (etree.XMLSyntaxError, ValueError):
        return "Le texte du récit n'est pas du XHTML bien formé."
    if root.tag != f"{_XHTML}div":
        return "Le récit doit être un élément div de l'espace de noms XHTML."
    fault = next((fault for element in root.iter() if (fault := _element_fault(element))), None)
    return fault or _empty_fault(root)


def narrative_element(div: str) -> etree._Element:
    """The parsed ``div``. Raises ``etree.XMLSyntaxError`` or ValueError for what is not well-formed."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    return etree.fromstring(_NAMED.sub(_character, div).encode("utf-8"), parser)


def _character(found: re.Match[str]) -> str:
    """HTML's named characters, which XML does not know; anything else is left for the parser to refuse."""
    name = found[1]
    return found[0] if name in _XML_NAMES or name not in name2codepoint else chr(name2codepoint[name])


def _element_fault(element: etree._Element) -> str | None:
    if element.tag.removeprefix(_XHTML) not in _ELEMENTS or not element.tag.startswith(_XHTML):
        return "Le récit contient un élément HTML interdit."
    for name, value in element.attrib.items():
        if name not in _ATTRIBUTES and name != _LANGUAGE:
            return "Le récit contient un attribut HTML interdit."
        if name in _TARGETS and not _SAFE_TARGET.match(str(value).strip()):
            return "Le récit contient un lien dont le schéma est interdit."
        if name == "style" and _UNSAFE_STYLE.search(str(value)):
            return "Le récit contient un style qui charge une ressource."
    return None


def _empty_fault(root: etree._Element) -> str | None:
    has_text = any(part.strip() for part in root.itertext())
    has_image = next(root.iter(f"{_XHTML}img"), None) is not None
    return None if has_text or has_image else "Le récit est vide."
