"""The ImplementationGuide and the manifest of our FHIR package: what is in it, and what it stands on."""

from collections.abc import Iterable

from mappings.code_systems import PUBLISHED, PUBLISHER, VERSION
from sesame_fhir.fhir.canonical import FR_CORE, FR_CORE_VERSION, ROOT, own
from sesame_fhir.fhir.json_types import Json

PACKAGE = "sesame-fhir.ig"
FHIR_VERSION = "4.0.1"
_FR_CORE_PACKAGE = "hl7.fhir.fr.core"
_TITLE = "SÉSAME : soins collaboratifs en santé mentale"
_DESCRIPTION = (
    "Profils, terminologies, questionnaires et plan du parcours de soins collaboratifs SÉSAME, sur FR Core 2.2.0 quand "
    "il a un parent, sur FHIR R4 sinon."
)


def guide(definitions: Iterable[Json], examples: Iterable[tuple[str, Json]]) -> Json:
    """Build the ImplementationGuide.

    Args:
        definitions: the conformance resources of the package, in the order to list them.
        examples: canonical of the profile and the example that passes it.
    """
    listed = [_listed(one, example=False) for one in definitions]
    listed += [{**_listed(one, example=True), "exampleCanonical": profile} for profile, one in examples]
    return {
        "resourceType": "ImplementationGuide",
        "id": PACKAGE,
        "language": "fr",
        "url": own("ImplementationGuide", PACKAGE),
        "version": VERSION,
        "name": "SesameFhir",
        "title": _TITLE,
        "status": "active",
        "experimental": False,
        "date": PUBLISHED,
        "publisher": PUBLISHER,
        "description": _DESCRIPTION,
        "jurisdiction": [{"coding": [{"system": "urn:iso:std:iso:3166", "code": "FR"}]}],
        "packageId": PACKAGE,
        "license": "Apache-2.0",
        "fhirVersion": [FHIR_VERSION],
        "dependsOn": [
            {
                "uri": f"{FR_CORE}/ImplementationGuide/{_FR_CORE_PACKAGE}",
                "packageId": _FR_CORE_PACKAGE,
                "version": FR_CORE_VERSION,
            }
        ],
        "definition": {"resource": listed},
    }


def _listed(resource: Json, *, example: bool) -> Json:
    name = resource.get("title") or resource.get("name")
    known = {"reference": {"reference": f"{resource['resourceType']}/{resource['id']}"}}
    return {
        **known,
        **({"name": name} if isinstance(name, str) else {}),
        **({} if example else {"exampleBoolean": False}),
    }


def manifest() -> Json:
    """``package.json`` as FHIR packages have it (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification)."""
    return {
        "name": PACKAGE,
        "version": VERSION,
        "type": "fhir.ig",
        "canonical": ROOT,
        "url": ROOT,
        "title": _TITLE,
        "description": _DESCRIPTION,
        "license": "Apache-2.0",
        "author": PUBLISHER,
        "date": PUBLISHED.replace("-", "") + "000000",
        "fhirVersions": [FHIR_VERSION],
        "dependencies": {"hl7.fhir.r4.core": FHIR_VERSION, _FR_CORE_PACKAGE: FR_CORE_VERSION},
        "directories": {"lib": "package", "example": "example"},
        "jurisdiction": "urn:iso:std:iso:3166#FR",
    }
