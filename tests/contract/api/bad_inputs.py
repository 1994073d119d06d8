# ruff: noqa: E501  rows of a table
"""Bad input as a list: what is sent, as JSON and as XML, and what must be named; good input that looks bad.

Each row is the inside of an Observation (or of another type). Places are relative to the resource's type.
"""

from dataclasses import dataclass

KEPT = '"status":"final","code":{"text":"Score"},"subject":{"reference":"Patient/p1"}'
KEPT_XML = '<status value="final"/><code><text value="Score"/></code><subject><reference value="Patient/p1"/></subject>'
_XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
_NO_STATUS = KEPT.replace('"status":"final",', "")


@dataclass(frozen=True, slots=True)
class Bad:
    """One row. ``json`` follows the type and the id; ``places`` are named, all of them (none: it cannot be read).

    ``xml`` is the same in XML, where it can be said there; in XML without ``places`` it cannot be read either.
    """

    name: str
    json: str | None
    places: tuple[str, ...] = ()
    xml: str | None = None
    type: str = "Observation"
    status: int = 400


def _more(json: str) -> str:
    return f"{KEPT},{json}"


def _xml(inner: str) -> str:
    return f"{KEPT_XML}{inner}"


VALUE = "valueQuantity.value"
BAD: tuple[Bad, ...] = (
    # -- what is of the wrong type, missing or too much ---------------------------------------------------------------
    Bad("boolean as text", _more('"valueBoolean":"true"'), ("valueBoolean",), _xml('<valueBoolean value="yes"/>')),
    Bad("number as text", _more('"valueQuantity":{"value":"1.5"}'), (VALUE,), _xml('<valueQuantity><value value="x"/></valueQuantity>')),
    Bad("integer with a fraction", _more('"valueInteger":3.7'), ("valueInteger",), _xml('<valueInteger value="3.7"/>')),
    Bad("integer too large", _more('"valueInteger":99999999999'), ("valueInteger",), _xml('<valueInteger value="99999999999"/>')),
    Bad("text as number", _more('"valueString":5'), ("valueString",)),
    Bad("text as object", _more('"valueString":{"a":1}'), ("valueString",)),
    Bad("object as text", _more('"bodySite":"arm"'), ("bodySite",)),
    Bad("list as object", _more('"category":{"text":"x"}'), ("category",)),
    Bad("object as list", _more('"bodySite":[{"text":"x"}]'), ("bodySite",), _xml('<bodySite><text value="x"/></bodySite>' * 2)),
    Bad("null", _more('"valueString":null'), ("valueString",)),
    Bad("null in a list", _more('"category":[null]'), ("category[0]",)),
    Bad("extra property", _more('"colour":"blue"'), ("colour",), _xml('<colour value="blue"/>')),
    Bad("extra property below", _more('"bodySite":{"text":"x","size":1}'), ("bodySite.size",), _xml('<bodySite><size value="1"/></bodySite>')),
    Bad("element of R5", _more('"triggeredBy":[]'), ("triggeredBy",)),
    Bad("no status", _NO_STATUS, ("",), KEPT_XML.replace('<status value="final"/>', "")),
    Bad("no code", '"status":"final"', ("code",), '<status value="final"/>'),
    Bad("no type of its own", '"resourceType2":"Observation"', ("resourceType2", "", "code")),
    # -- codes and choices --------------------------------------------------------------------------------------------
    Bad("code outside its list", KEPT.replace("final", "done"), ("status",), KEPT_XML.replace("final", "done")),
    Bad("code with a space", KEPT.replace("final", " final"), ("status",), KEPT_XML.replace("final", " final")),
    Bad("two values", _more('"valueString":"a","valueInteger":1'), ("valueString", "valueInteger"), _xml('<valueString value="a"/><valueInteger value="1"/>')),
    Bad("value of a type not allowed", _more('"valueAddress":{"text":"x"}'), ("valueAddress",), _xml('<valueAddress><text value="x"/></valueAddress>')),
    Bad("value as list", _more('"valueString":["a","b"]'), ("valueString",), _xml('<valueString value="a"/><valueString value="b"/>')),
    Bad("value and its absence", _more('"valueInteger":1,"dataAbsentReason":{"text":"x"}'), ("dataAbsentReason",)),
    # -- dates --------------------------------------------------------------------------------------------------------
    Bad("30 February", _more('"effectiveDateTime":"2024-02-30"'), ("effectiveDateTime",), _xml('<effectiveDateTime value="2024-02-30"/>')),
    Bad("29 February, no leap year", _more('"effectiveDateTime":"2023-02-29"'), ("effectiveDateTime",)),
    Bad("month 13", _more('"effectiveDateTime":"2024-13"'), ("effectiveDateTime",), _xml('<effectiveDateTime value="2024-13"/>')),
    Bad("time without a zone", _more('"effectiveDateTime":"2024-02-28T10:00:00"'), ("effectiveDateTime",)),
    Bad("hour 25", _more('"effectiveDateTime":"2024-02-28T25:00:00Z"'), ("effectiveDateTime",)),
    Bad("French date", _more('"effectiveDateTime":"28/02/2024"'), ("effectiveDateTime",)),
    Bad("end before start", _more('"effectivePeriod":{"start":"2024-03-02","end":"2024-03-01"}'), ("effectivePeriod",)),
    Bad("birth on 31 April", '"birthDate":"1980-04-31"', ("birthDate",), '<birthDate value="1980-04-31"/>', "Patient"),
    # -- emptiness ----------------------------------------------------------------------------------------------------
    Bad("empty list", _more('"category":[]'), ("category",)),
    Bad("empty object", _more('"bodySite":{}'), ("bodySite",), _xml("<bodySite/>")),
    Bad("empty text", _more('"valueString":""'), ("valueString",), _xml('<valueString value=""/>')),
    Bad("blank text", _more('"valueString":"  "'), ("valueString",), _xml('<valueString value="  "/>')),
    Bad("extension of nothing", _more('"_valueString":{"id":"a"}'), ("_valueString",)),
    # -- references, contained resources ------------------------------------------------------------------------------
    Bad("target of another type", KEPT.replace("Patient/p1", "Practitioner/gp1"), ("subject.reference",)),
    Bad("type against reference", KEPT.replace('Patient/p1"', 'Patient/p1","type":"Group"'), ("subject.type",)),
    Bad("contained that is not there", _more('"performer":[{"reference":"#x"}]'), ("performer[0].reference",)),
    Bad("contained in contained", _more('"contained":[{"resourceType":"Patient","id":"a","contained":[{"resourceType":"Patient","id":"b"}]}],"performer":[{"reference":"#a"}]'), ("contained[0].contained",)),
    Bad("contained, never used", _more('"contained":[{"resourceType":"Patient","id":"a"}]'), ("contained[0]",)),
    Bad("contained without type", _more('"contained":[{"id":"a"}],"performer":[{"reference":"#a"}]'), ("contained[0].resourceType",)),
    # -- extensions, narrative, bytes ---------------------------------------------------------------------------------
    Bad("extension with value and extensions", _more('"extension":[{"url":"urn:x","valueString":"a","extension":[{"url":"y","valueString":"b"}]}]'), ("extension[0]",)),
    Bad("script in the narrative", _more(f'"text":{{"status":"generated","div":"<div {_XHTML.replace(chr(34), chr(39))}><script>x</script></div>"}}'), ("text.div",), f'<text><status value="generated"/><div {_XHTML}><script>x</script></div></text>{KEPT_XML}'),
    Bad("narrative that is no XHTML", _more('"text":{"status":"generated","div":"<div><b>"}'), ("text.div",)),
    Bad("entity in the narrative", _more(f'"text":{{"status":"generated","div":"<!DOCTYPE d [<!ENTITY a \'b\'>]><div {_XHTML.replace(chr(34), chr(39))}>&a;</div>"}}'), ("text.div",)),
    Bad("base64 that is none", '"contentType":"a/b","data":"@@@@"', ("data",), '<contentType value="a/b"/><data value="@@@@"/>', "Binary"),
    Bad("quantity with a code, no system", _more('"valueQuantity":{"value":1,"code":"mg"}'), ("valueQuantity",)),
    Bad("identifier twice in a questionnaire", '"status":"active","item":[{"linkId":"a","type":"string"},{"linkId":"a","type":"date"}]', ("item[1].linkId",), type="Questionnaire"),
    Bad("question beside its answer", '"status":"completed","item":[{"linkId":"a","answer":[{"valueInteger":1}],"item":[{"linkId":"b"}]}]', ("item[0]",), type="QuestionnaireResponse"),
    # -- every problem at once ----------------------------------------------------------------------------------------
    Bad("six problems", '"status":"done","colour":1,"effectiveDateTime":"2024-02-30","valueString":"","category":[]', ("status", "colour", "code", "effectiveDateTime", "valueString", "category")),
    # -- what cannot be read ------------------------------------------------------------------------------------------
    Bad("duplicate key", _more('"status":"amended"')),
    Bad("duplicate key below", _more('"bodySite":{"text":"a","text":"b"}')),
    Bad("NaN", _more('"valueQuantity":{"value":NaN}')),
    Bad("infinity", _more('"valueQuantity":{"value":-Infinity}')),
    Bad("exponent too large", _more('"valueQuantity":{"value":1e999}')),
    Bad("a number of 60 digits", _more(f'"valueQuantity":{{"value":{"9" * 60}}}')),
    Bad("lone surrogate", _more('"valueString":"\\ud800"')),
    Bad("nul", _more('"valueString":"a\\u0000b"')),
    Bad("control character", _more('"valueString":"a\x01b"')),
    Bad("control character, escaped", _more('"valueString":"a\\u001fb"')),
    Bad("backspace", _more('"valueString":"a\\\\\\bc"')),
    Bad("no character", None, (), _xml('<valueString value="\uffff"/>')),
    Bad("comment", _more('/* x */"valueString":"a"')),
    Bad("comma too many", _more('"valueString":"a",')),
    Bad("65 levels", _more('"extension":' + '[{"extension":' * 33 + "[]" + "}]" * 33)),
    Bad("invalid UTF-8", _more('"valueString":"\udcff"'), (), _xml('<valueString value="\udcff"/>')),
    # -- what cannot be read in XML -----------------------------------------------------------------------------------
    Bad("text between elements", None, (), _xml("text")),
    Bad("text in an element", None, (), _xml("<valueString>a</valueString>")),
    Bad("unknown attribute", None, (), _xml('<valueString value="a" unit="b"/>')),
    Bad("attribute twice", None, (), _xml('<valueString value="a" value="b"/>')),
    Bad("element of another namespace", None, (), _xml('<valueString xmlns="urn:x" value="a"/>')),
    Bad("not closed", None, (), _xml("<valueString")),
    Bad("processing instruction", None, (), _xml("<?php x ?>")),
    Bad("CDATA", None, (), _xml("<![CDATA[x]]>")),
    Bad("unknown entity", None, (), _xml('<valueString value="&a;"/>')),
    Bad("nul in XML", None, (), _xml('<valueString value="&#0;"/>')),
    Bad("65 levels in XML", None, (), _xml('<extension url="a">' * 66 + "</extension>" * 66)),
)  # fmt: skip

_ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
DOCUMENTS: dict[str, str] = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY a0 "ha">{_ENTITIES}]>',
    "external entity": '<!DOCTYPE x [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]>',
    "external type": '<!DOCTYPE Observation SYSTEM "http://127.0.0.1:1/x.dtd">',
    "default attribute": '<!DOCTYPE x [<!ATTLIST valueString value CDATA "a">]>',
    "other encoding": '<?xml version="1.0" encoding="UTF-7"?>',
}
"""What stands before the root of an XML document: all of it is refused unread."""

GOOD: tuple[Bad, ...] = (
    Bad("1.50", _more('"valueQuantity":{"value":1.50}'), (), _xml('<valueQuantity><value value="1.50"/></valueQuantity>')),
    Bad("0.10", _more('"valueQuantity":{"value":0.10}'), (), _xml('<valueQuantity><value value="0.10"/></valueQuantity>')),
    Bad("-0.0", _more('"valueQuantity":{"value":-0.0}')),
    Bad("many digits", _more('"valueQuantity":{"value":0.1234567890123456789}')),
    Bad("exponent", _more('"valueQuantity":{"value":1.0E+2}')),
    Bad("month only", _more('"effectiveDateTime":"2024-02"'), (), _xml('<effectiveDateTime value="2024-02"/>')),
    Bad("29 February", _more('"effectiveDateTime":"2024-02-29"'), (), _xml('<effectiveDateTime value="2024-02-29"/>')),
    Bad("what a script looks like, as text", _more('"valueString":"<script>&amp;\\"\\\\ \\u00e9 😀"')),
    Bad("status by extension only", f'{_NO_STATUS},"_status":{{"extension":[{{"url":"urn:x","valueCode":"unknown"}}]}}'),
    Bad("null where an extension stands", '"name":[{"given":["A",null],"_given":[null,{"extension":[{"url":"urn:x","valueString":"b"}]}]}]', type="Patient"),
    Bad("contained that points back", _more('"contained":[{"resourceType":"Observation","id":"a","status":"final","code":{"text":"x"},"derivedFrom":[{"reference":"#"}]}],"derivedFrom":[{"reference":"#a"}]')),
    Bad("a code of a list that is only preferred", _more('"category":[{"coding":[{"system":"urn:x","code":"y"}]}]')),
    Bad("500 entries of a list", _more('"note":[' + ",".join(['{"text":"x"}'] * 500) + "]")),
)  # fmt: skip
"""Accepted, and given back with the same characters."""
