package fr.sesame.conformance;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.parser.LenientErrorHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.hl7.fhir.utilities.npm.NpmPackage;

/** What resources are judged by: R4 itself, FHIR packages, and loose conformance resources. */
final class Definitions extends PrePopulatedValidationSupport {
    private static final Pattern HL7 = Pattern.compile("http://(terminology\\.)?hl7\\.org/[^|]+\\|.+");

    private final FhirContext context;
    private final DefaultProfileValidationSupport core;
    /** Questionnaires, Measures and the like, which the parent does not keep: by type and canonical. */
    private final Map<String, IBaseResource> others = new HashMap<>();

    private final List<StructureDefinition> own = new ArrayList<>();

    Definitions(FhirContext context) {
        super(context);
        this.context = context;
        this.core = new DefaultProfileValidationSupport(context);
    }

    /** StructureDefinitions of the loose files. */
    List<StructureDefinition> own() {
        return own;
    }

    /** Conformance resources of a package; what cannot be read in it (no R4 resource) is left out. */
    void loadPackage(String file) throws IOException {
        try (InputStream stream = Files.newInputStream(Path.of(file))) {
            NpmPackage.NpmPackageFolder folder = NpmPackage.fromPackage(stream).getFolders().get("package");
            for (String name : folder.listFiles()) {
                // A manifest of the package, not a resource; an ImplementationGuide defines nothing to validate by.
                if (name.endsWith(".json") && name.contains("-") && !name.startsWith("ImplementationGuide")) {
                    add(new String(folder.getContent().get(name), StandardCharsets.UTF_8));
                }
            }
        }
    }

    /** Loose files at the top of a folder; one that cannot be read is said, and judged as a resource all the same. */
    void loadFolder(String folder) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
                try {
                    if (add(Files.readString(file)) instanceof StructureDefinition definition) {
                        own.add(definition);
                    }
                } catch (RuntimeException broken) {
                    System.err.println(file + ": " + broken.getMessage());
                }
            }
        }
    }

    private IBaseResource add(String json) {
        IParser parser = context.newJsonParser();
        parser.setParserErrorHandler(new LenientErrorHandler(false));
        IBaseResource resource = parser.parseResource(json);
        addResource(resource);
        if (resource instanceof MetadataResource canonical && canonical.hasUrl()) {
            String key = canonical.fhirType() + " " + canonical.getUrl();
            others.put(key, resource);
            others.put(key + "|" + canonical.getVersion(), resource);
        }
        return resource;
    }

    @Override
    public <T extends IBaseResource> T fetchResource(Class<T> type, String uri) {
        T known = super.fetchResource(type, uri);
        if (known != null || type == null) {
            return known;
        }
        IBaseResource other = others.get(context.getResourceType(type) + " " + uri);
        return type.isInstance(other) ? type.cast(other) : null;
    }

    @Override
    public IBaseResource fetchStructureDefinition(String url) {
        return orOfR4(super.fetchStructureDefinition(url), url, core::fetchStructureDefinition);
    }

    @Override
    public IBaseResource fetchValueSet(String url) {
        return orOfR4(super.fetchValueSet(url), url, core::fetchValueSet);
    }

    @Override
    public IBaseResource fetchCodeSystem(String url) {
        return orOfR4(super.fetchCodeSystem(url), url, core::fetchCodeSystem);
    }

    /**
     * National profiles name versions of HL7's own definitions (extensions 5.2.0, terminology 7.1.0, R4 itself as 4.0.1)
     * whose packages are in no Maven repository: the same ones of R4 stand in for them.
     */
    private static IBaseResource orOfR4(IBaseResource known, String url, Function<String, IBaseResource> ofR4) {
        boolean versioned = known == null && url != null && HL7.matcher(url).matches();
        return versioned ? ofR4.apply(url.substring(0, url.indexOf('|'))) : known;
    }

    /**
     * The whole chain. Code systems that are not here (LOINC, SNOMED CT, national ones published without content) give a
     * warning that names them, never a failure: what is accepted of these is the caller's list.
     */
    IValidationSupport support() {
        // The definitions do not change while the process lives.
        ValidationSupportChain.CacheConfiguration cache =
                ValidationSupportChain.CacheConfiguration.defaultValues().setCacheTimeout(Duration.ofDays(1)).setCacheSize(100_000);
        return new ValidationSupportChain(
                cache,
                core,
                this,
                new SnapshotGeneratingValidationSupport(context),
                new CommonCodeSystemsTerminologyService(context),
                new AbsentTerminology(context),
                new InMemoryTerminologyServerValidationSupport(context),
                new UnknownCodeSystemWarningValidationSupport(context));
    }
}
