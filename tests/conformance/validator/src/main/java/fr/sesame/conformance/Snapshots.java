package fr.sesame.conformance;

import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.context.support.ValidationSupportContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.StructureDefinition;

/** Profiles authored as differentials, written with the snapshots that the validator itself generates and uses. */
final class Snapshots {
    private final IValidationSupport support;
    private final List<StructureDefinition> definitions;

    Snapshots(IValidationSupport support, List<StructureDefinition> definitions) {
        this.support = support;
        this.definitions = definitions;
    }

    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (StructureDefinition definition : definitions) {
            IBaseResource whole = support.generateSnapshot(
                    new ValidationSupportContext(support), definition, definition.getUrl(), "", definition.getName());
            String json = support.getFhirContext().newJsonParser().setPrettyPrint(true).encodeResourceToString(whole);
            Files.writeString(folder.resolve("StructureDefinition-" + definition.getIdElement().getIdPart() + ".json"), json + "\n");
        }
        System.err.println("snapshots: " + definitions.size());
    }
}
