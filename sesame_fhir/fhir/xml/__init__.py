"""FHIR XML <-> FHIR JSON (R4 xml.html, json.html), by the elements of the generated schema: no resource is modelled.

JSON is what is stored, validated and reasoned about: XML is a way in and a way out.
"""

from sesame_fhir.fhir.xml.reader import from_xml
from sesame_fhir.fhir.xml.writer import to_xml

__all__ = ["from_xml", "to_xml"]
