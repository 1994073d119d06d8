"""docs/reference/openapi.json is what the facade publishes, and valid OpenAPI 3.0 for tools that nobody here wrote."""

import json
from pathlib import Path

from openapi_spec_validator import OpenAPIV30SpecValidator

from sesame_fhir.server.openapi_reference import page

FILE = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"


def test_the_file_is_what_make_docs_writes() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_it_is_valid() -> None:
    OpenAPIV30SpecValidator(json.loads(page())).validate()
