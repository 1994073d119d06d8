"""Canonical URLs and system URIs, each written once.

Sources: HL7 R4 (terminologies), FR Core 2.2.0 (https://hl7.fr/ig/fhir/core), ANS (national identifiers).
"""

ROOT = "https://sesame-fhir.fr/ig"
"""Root of every canonical URL that this project defines."""

REASON_SYSTEM = f"{ROOT}/CodeSystem/sesame-reason"
"""Coded reasons in ``OperationOutcome.issue.details`` and wherever a decision is explained."""

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
SNOMED_CT = "http://snomed.info/sct"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
CIM_10 = "https://smt.esante.gouv.fr/terminologie-cim-10"
ICPC_2 = "http://hl7.org/fhir/sid/icpc-2"
CISP_2 = "https://smt.esante.gouv.fr/terminologie-cisp"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
CONDITION_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
CONDITION_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"
URI_SYSTEM = "urn:ietf:rfc:3986"

EXTENSION_ROOT = "http://hl7.org/fhir/StructureDefinition"
DATA_ABSENT_REASON = f"{EXTENSION_ROOT}/data-absent-reason"
ORDINAL_VALUE = f"{EXTENSION_ROOT}/ordinalValue"
TRANSLATION = f"{EXTENSION_ROOT}/translation"

FR_CORE = "https://hl7.fr/ig/fhir/core"
FR_CORE_VERSION = "2.2.0"
FR_CORE_IDENTIFIER_TYPE = f"{FR_CORE}/CodeSystem/fr-core-cs-v2-0203"

INS_NIR = "urn:oid:1.2.250.1.213.1.4.8"
INS_NIA = "urn:oid:1.2.250.1.213.1.4.9"
INS_NIR_TEST = "urn:oid:1.2.250.1.213.1.4.10"
INS_NIR_DEMO = "urn:oid:1.2.250.1.213.1.4.11"
IDNAT_PS = "urn:oid:1.2.250.1.71.4.2.1"
IDNAT_STRUCTURE = "urn:oid:1.2.250.1.71.4.2.2"
RPPS = "https://rpps.esante.gouv.fr"
FINESS = "https://finess.esante.gouv.fr"
SIRENE = "https://sirene.fr"


def own(kind: str, name: str) -> str:
    """Canonical URL of one of our conformance resources, e.g. ``own("Questionnaire", "phq-9")``."""
    return f"{ROOT}/{kind}/{name}"


def identifier_system(kind: str) -> str:
    """System of the business identifiers we give, by kind of thing, e.g. ``identifier_system("referral")``."""
    return f"{ROOT}/identifier/{kind}"


def fr_core_profile(name: str) -> str:
    """Versioned canonical of an FR Core profile: its slices of ``meta.profile`` fix the version too."""
    return f"{FR_CORE}/StructureDefinition/{name}|{FR_CORE_VERSION}"


NOS = "https://mos.esante.gouv.fr/NOS"
"""National nomenclatures; a table's URL has an underscore in the folder and a dash in the id."""
PROFESSION = f"{NOS}/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
ORDINAL_SPECIALITY = f"{NOS}/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
