package fr.sesame.conformance;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import java.io.IOException;

/**
 * The reference validator as a program. One process loads the definitions once and judges many resources.
 *
 * <pre>
 * judge    --input FILE --output FILE [--threads N]   NDJSON of resources to NDJSON of verdicts, continued when it exists
 * snapshot --output FOLDER                            StructureDefinitions of --definitions, with their snapshots
 * time     --input FILE [--seconds N]                 microseconds per validation of the resources of FILE, as JSON
 * </pre>
 *
 * <p>All modes: {@code --packages a.tgz,b.tgz} (FHIR NPM packages) and {@code --definitions FOLDER,FOLDER} (loose JSON).
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length == 0) {
            System.err.println("usage: judge | snapshot | time, then --option value ...");
            System.exit(2);
        }
        Options options = Options.of(arguments);
        FhirContext context = FhirContext.forR4();
        Definitions definitions = new Definitions(context);
        for (String file : options.list("packages")) {
            definitions.loadPackage(file);
        }
        for (String folder : options.list("definitions")) {
            definitions.loadFolder(folder);
        }
        IValidationSupport support = definitions.support();
        switch (arguments[0]) {
            case "judge" -> new Judge(new Validation(context, support), options).run();
            case "snapshot" -> new Snapshots(support, definitions.own()).write(options.path("output"));
            case "time" -> new Timing(new Validation(context, support)).run(options.path("input"), options.number("seconds", 10));
            default -> throw new IllegalArgumentException("unknown mode: " + arguments[0]);
        }
    }
}
