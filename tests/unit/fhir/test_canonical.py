import re

from sesame_fhir.fhir import canonical
from sesame_fhir.fhir.search_parameters import SEARCH_PARAMETERS


def test_our_urls_share_one_root() -> None:
    assert canonical.own("Questionnaire", "phq-9") == "https://sesame-fhir.fr/ig/Questionnaire/phq-9"
    assert canonical.identifier_system("referral") == "https://sesame-fhir.fr/ig/identifier/referral"
    assert canonical.REASON_SYSTEM.startswith(f"{canonical.ROOT}/CodeSystem/")


def test_fr_core_profiles_carry_their_version() -> None:
    found = canonical.fr_core_profile("fr-core-patient-ins")
    assert found == "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins|2.2.0"


def test_oids_are_well_formed() -> None:
    oids = [value for value in vars(canonical).values() if isinstance(value, str) and value.startswith("urn:oid:")]
    assert len(oids) >= 6
    assert all(re.fullmatch(r"urn:oid:1(\.(0|[1-9][0-9]*))+", oid) for oid in oids)


def test_a_canonical_parameter_is_published_as_a_reference() -> None:
    parameters = SEARCH_PARAMETERS["QuestionnaireResponse"]
    assert parameters["questionnaire"].published_type == "reference"
    assert parameters["status"].published_type == "token"
