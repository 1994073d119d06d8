"""French texts of the assessment; templates translate them. A test keeps the table complete."""

from sesame_fhir.domain.events import ProblemSystem

SYSTEMS: dict[ProblemSystem, str] = {
    ProblemSystem.ICPC_2: "CISP-2",
    ProblemSystem.ICD_10: "CIM-10",
}
