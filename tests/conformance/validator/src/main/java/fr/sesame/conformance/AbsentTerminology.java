package fr.sesame.conformance;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.ConceptValidationOptions;
import ca.uhn.fhir.context.support.ValidationSupportContext;
import org.hl7.fhir.common.hapi.validation.support.BaseValidationSupport;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.ValueSet;

/**
 * A value set that takes a whole code system of which nothing is here cannot say no: a warning names the code system. One
 * that names its codes needs no code system to say yes.
 *
 * <p>FR Core binds to national nomenclatures that way, whose codes only the national terminology server publishes. A code
 * of another system than the value set's is refused as ever.
 */
final class AbsentTerminology extends BaseValidationSupport {
    AbsentTerminology(FhirContext context) {
        super(context);
    }

    /** Asked of every value set: which ones are meant is seen when a code is. */
    @Override
    public boolean isValueSetSupported(ValidationSupportContext context, String url) {
        return true;
    }

    @Override
    public CodeValidationResult validateCodeInValueSet(
            ValidationSupportContext context,
            ConceptValidationOptions options,
            String system,
            String code,
            String display,
            IBaseResource valueSet) {
        if (system == null || !(valueSet instanceof ValueSet set) || isHere(context, system)) {
            return null;
        }
        if (names(set, system, code)) {
            return new CodeValidationResult().setCode(code).setDisplay(display == null ? code : display);
        }
        if (!takesWhole(set, system)) {
            return null;
        }
        return notChecked(system, code);
    }

    /** The validator asks the code system too, and makes an error of "not found" where the binding is required. */
    @Override
    public CodeValidationResult validateCode(
            ValidationSupportContext context,
            ConceptValidationOptions options,
            String system,
            String code,
            String display,
            String valueSetUrl) {
        return valueSetUrl != null || system == null || isHere(context, system) ? null : notChecked(system, code);
    }

    @Override
    public boolean isCodeSystemSupported(ValidationSupportContext context, String system) {
        return system != null && !isHere(context, system);
    }

    private static CodeValidationResult notChecked(String system, String code) {
        String message = "CodeSystem is unknown and can't be validated: " + system + " for '" + system + "#" + code + "'";
        return new CodeValidationResult()
                .setCode(code)
                .setSeverity(IssueSeverity.WARNING)
                .setMessage(message)
                .addIssue(new CodeValidationIssue(
                        message, IssueSeverity.WARNING, CodeValidationIssueCode.NOT_FOUND, CodeValidationIssueCoding.VS_INVALID));
    }

    private static boolean names(ValueSet set, String system, String code) {
        return set.getCompose().getInclude().stream()
                .filter(part -> system.equals(part.getSystem()))
                .anyMatch(part -> part.getConcept().stream().anyMatch(concept -> code.equals(concept.getCode())));
    }

    private static boolean takesWhole(ValueSet set, String system) {
        return set.getCompose().getInclude().stream()
                .anyMatch(part -> system.equals(part.getSystem()) && part.getConcept().isEmpty() && part.getFilter().isEmpty());
    }

    private static boolean isHere(ValidationSupportContext context, String system) {
        IBaseResource found = context.getRootValidationSupport().fetchCodeSystem(system);
        return found instanceof CodeSystem known && known.getContent() != CodeSystem.CodeSystemContentMode.NOTPRESENT;
    }
}
