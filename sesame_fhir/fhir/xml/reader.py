"""XML -> JSON, strictly: no entity, no document type, no processing instruction, bounded size and depth.

What is well-formed FHIR XML becomes JSON; whether it is valid R4 is judged there, once for both forms: an unknown
element, a repeated one or a wrong value comes out as JSON that the validation names.
"""

import re
from decimal import Decimal
from typing import Any, NoReturn

from lxml import etree

from sesame_fhir.fhir.errors import BodyTooLarge, UnreadableBody
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity
from sesame_fhir.fhir.reader import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, MAX_EXPONENT
from sesame_fhir.fhir.xml.shapes import ELEMENT, NAMESPACE, XHTML, Shape, shapes_of

_TAG = f"{{{NAMESPACE}}}"
_DIV = f"{{{XHTML}}}div"
_ENCODING = re.compile(r"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)", re.IGNORECASE)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_INTEGERS = frozenset({"integer", "positiveInt", "unsignedInt"})
_BOOLEANS = {"true": True, "false": False}
_FORBIDDEN = re.compile(r"<!(?!--)")


def from_xml(data: bytes, *, max_bytes: int = MAX_BYTES) -> Json:
    """Parse one FHIR resource in XML; decimals come out as Decimal, digits kept.

    Raises:
        BodyTooLarge: more than ``max_bytes`` bytes.
        UnreadableBody: not UTF-8, not well-formed, a document type or CDATA section, a processing instruction, another
            namespace, text between elements, unknown attributes, more than 64 levels.
    """
    if len(data) > max_bytes:
        text = f"Corps de plus de {max_bytes} octets : envoyer moins de données à la fois."
        raise BodyTooLarge(Issue(Severity.FATAL, IssueType.TOO_LONG, text))
    root = _parsed(data)
    if not root.tag.startswith(_TAG):
        _refuse("L'élément racine doit être une ressource de l'espace de noms http://hl7.org/fhir.")
    return _resource(root, 1)


def _parsed(data: bytes) -> etree._Element:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse("Le XML doit être en UTF-8.")
    declared = _ENCODING.match(text)
    if declared and declared[1].lower() not in ("utf-8", "utf8"):
        _refuse("Le XML doit être en UTF-8.")
    # Before any parser sees it: what declares nothing expands nothing. A narrative's text cannot hold it unescaped.
    if _FORBIDDEN.search(text):
        _refuse("Ni DOCTYPE, ni ENTITY, ni CDATA.")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        _refuse("Le corps n'est pas du XML bien formé.")
    if any(True for _ in root.iter(etree.ProcessingInstruction, etree.Entity)):
        _refuse("Ni instruction de traitement, ni entité.")
    return root


def _resource(element: etree._Element, depth: int) -> Json:
    name = element.tag.removeprefix(_TAG)
    return {"resourceType": name, **_object(element, name, depth)}


def _object(element: etree._Element, type_name: str, depth: int) -> Json:
    """The JSON object of an element of a complex type; elements that the type does not have keep their name."""
    if depth > MAX_DEPTH:
        _refuse(f"Plus de {MAX_DEPTH} niveaux imbriqués.", IssueType.TOO_COSTLY)
    _no_text(element)
    shapes = shapes_of(type_name) or {}
    built: Json = {}
    for name, value in element.attrib.items():
        known = shapes.get(str(name))
        if known is None or known.kind != "attribute":
            _refuse("Attribut XML inconnu : les valeurs simples sont des éléments avec un attribut value.")
        built[str(name)] = str(value)
    for inner in element:
        _add(built, shapes, inner, depth)
    return built


def _add(built: Json, shapes: Any, inner: etree._Element, depth: int) -> None:
    if inner.tag == _DIV:
        _put(built, "div", _div(inner), many=False)
        return
    if not inner.tag.startswith(_TAG):
        _refuse("Élément d'un autre espace de noms.")
    name = inner.tag.removeprefix(_TAG)
    if name == "resourceType":
        _refuse("Élément inconnu : le type d'une ressource est le nom de son élément.")
    shape = shapes.get(name)
    if shape is None or shape.kind in ("attribute", "xhtml"):
        # Unknown here: its JSON is refused by the validation, which says where it stands.
        _put(built, name, inner.get("value", ""), many=False)
    elif shape.kind == "resource":
        _put(built, name, _inner_resource(inner, depth), many=shape.many)
    elif shape.kind == "complex":
        _put(built, name, _object(inner, shape.type_name, depth + 1), many=shape.many)
    else:
        _put_primitive(built, shape, inner, depth)


def _inner_resource(element: etree._Element, depth: int) -> Json:
    _no_text(element)
    if len(element) != 1 or not element[0].tag.startswith(_TAG):
        _refuse("Une ressource, et une seule, est attendue dans cet élément.")
    return _resource(element[0], depth + 1)


def _put(built: Json, name: str, value: Any, *, many: bool) -> None:
    """A second value of an element that allows one makes a list, which the validation refuses by name."""
    if many:
        built.setdefault(name, []).append(value)
    elif isinstance(built.get(name), list):
        built[name].append(value)  # in place: a copy for each of a million repetitions would be quadratic
    elif name in built:
        built[name] = [built[name], value]
    else:
        built[name] = value


def _put_primitive(built: Json, shape: Shape, inner: etree._Element, depth: int) -> None:
    """The value under the element's name, its id and extensions under ``_name``; in lists place by place."""
    _no_text(inner)
    if unknown := set(map(str, inner.attrib)) - {"id", "value"}:
        _refuse(f"Attributs XML inconnus : {len(unknown)}.")
    raw = inner.get("value")
    value = None if raw is None else _typed(str(raw), shape.type_name)
    companion = _companion(inner, depth)
    _put(built, shape.name, value, many=shape.many)
    if shape.many:
        _pad(built, shape.name, companion)
    else:
        if companion:
            _put(built, f"_{shape.name}", companion, many=False)
        if built[shape.name] is None:
            del built[shape.name]
            built.setdefault(f"_{shape.name}", {})


def _companion(inner: etree._Element, depth: int) -> Json:
    companion: Json = {} if inner.get("id") is None else {"id": str(inner.get("id"))}
    for child in inner:
        _add(companion, ELEMENT, child, depth + 1)
    return companion


def _pad(built: Json, name: str, companion: Json) -> None:
    """Keep ``_name`` as long as ``name`` once one of its values carries something."""
    extended, values = f"_{name}", built[name]
    if companion or extended in built:
        others = built.setdefault(extended, [None] * (len(values) - 1))
        others.append(companion or None)
    if extended not in built and values[-1] is None:
        values[-1] = ""  # neither a value nor an extension: the validation refuses an empty text


def _typed(text: str, type_name: str) -> Any:
    """The JSON value; what is not of the type stays text, which the validation refuses."""
    if type_name == "boolean":
        return _BOOLEANS.get(text, text)
    if len(text) > MAX_DIGITS:
        return text
    if type_name in _INTEGERS and _INTEGER.fullmatch(text):
        return int(text)
    if type_name == "decimal" and _DECIMAL.fullmatch(text):
        number = Decimal(text)
        return number if abs(number.adjusted()) <= MAX_EXPONENT else text
    return text


def _div(element: etree._Element) -> str:
    element.tail = None
    etree.cleanup_namespaces(element)
    text: str = etree.tostring(element, encoding="unicode")
    # The surrounding default namespace is declared on the way out although nothing inside uses it.
    return text.replace(f' xmlns="{NAMESPACE}"', "", 1)


def _no_text(element: etree._Element) -> None:
    parts = [element.text, *(inner.tail for inner in element)]
    if any(part and part.strip() for part in parts):
        _refuse("Texte entre les éléments : les valeurs sont dans l'attribut value.")


def _refuse(diagnostics: str, code: IssueType = IssueType.STRUCTURE) -> NoReturn:
    raise UnreadableBody(Issue(Severity.FATAL, code, diagnostics))
