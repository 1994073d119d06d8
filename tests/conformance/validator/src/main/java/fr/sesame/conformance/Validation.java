package fr.sesame.conformance;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/** One resource's text against R4, the profiles that it claims, and those that are asked for. */
final class Validation {
    /** How a validator that broke down on a resource is told apart from one that refused it. */
    static final String CRASH = "VALIDATOR_CRASH";

    private final FhirValidator validator;

    Validation(FhirContext context, IValidationSupport support) {
        FhirInstanceValidator module = new FhirInstanceValidator(support);
        module.setErrorForUnknownProfiles(true);
        module.setAnyExtensionsAllowed(true);
        validator = new FhirValidator(context).registerValidatorModule(module);
    }

    /** Everything said about the resource; never throws for what it holds. */
    List<Issue> issues(String json, List<String> profiles) {
        ValidationOptions options = new ValidationOptions();
        profiles.forEach(options::addProfile);
        try {
            return validator.validateWithResult(json, options).getMessages().stream().map(Issue::of).toList();
        } catch (RuntimeException broken) {
            return List.of(new Issue("fatal", CRASH, "", String.valueOf(broken.getMessage())));
        }
    }

    record Issue(String severity, String messageId, String expression, String text) {
        static Issue of(SingleValidationMessage message) {
            return new Issue(
                    message.getSeverity().getCode(), message.getMessageId(), message.getLocationString(), message.getMessage());
        }
    }
}
