package fr.sesame.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Time per validation on one thread, measured after as long a warm-up, printed as one JSON object. */
final class Timing {
    private static final double NANOS_PER_MICRO = 1_000.0;

    private final Validation validation;

    Timing(Validation validation) {
        this.validation = validation;
    }

    void run(Path file, int seconds) throws IOException {
        List<Line> lines = new ArrayList<>();
        for (String text : Files.readAllLines(file)) {
            lines.add(Line.of(text));
        }
        for (Line line : lines) {
            if (validation.issues(line.resource(), line.profiles()).stream().anyMatch(i -> !i.severity().matches("information|warning"))) {
                throw new IOException(line.id() + " is not valid: its refusal would be timed");
            }
        }
        measured(lines, seconds);
        List<Long> nanos = measured(lines, seconds).stream().sorted().toList();
        System.out.printf(
                java.util.Locale.ROOT,
                "{\"validations\": %d, \"median_us\": %.1f, \"p99_us\": %.1f, \"mean_us\": %.1f}%n",
                nanos.size(),
                nanos.get(nanos.size() / 2) / NANOS_PER_MICRO,
                nanos.get(nanos.size() * 99 / 100) / NANOS_PER_MICRO,
                nanos.stream().mapToLong(Long::longValue).average().orElseThrow() / NANOS_PER_MICRO);
    }

    private List<Long> measured(List<Line> lines, int seconds) {
        List<Long> nanos = new ArrayList<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (int i = 0; System.nanoTime() < end; i++) {
            Line line = lines.get(i % lines.size());
            long start = System.nanoTime();
            validation.issues(line.resource(), line.profiles());
            nanos.add(System.nanoTime() - start);
        }
        return nanos;
    }
}
