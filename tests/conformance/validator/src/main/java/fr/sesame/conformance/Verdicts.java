package fr.sesame.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The file of verdicts, one JSON line each; one that exists is continued, a line cut off by a stop is written again. */
final class Verdicts implements Closeable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Set<String> judged = new HashSet<>();
    private final BufferedWriter writer;

    Verdicts(Path file) throws IOException {
        if (Files.exists(file)) {
            cutUnfinishedLine(file);
            try (Stream<String> lines = Files.lines(file)) {
                for (String line : (Iterable<String>) lines::iterator) {
                    judged.add(JSON.readTree(line).get("id").asText());
                }
            }
        }
        writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    boolean has(String id) {
        return judged.contains(id);
    }

    synchronized void add(String id, List<Validation.Issue> issues) throws IOException {
        writer.write(JSON.writeValueAsString(new Verdict(id, issues)));
        writer.write('\n');
        writer.flush();
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }

    private static void cutUnfinishedLine(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long end = bytes.length();
            while (end > 0) {
                bytes.seek(end - 1);
                if (bytes.read() == '\n') {
                    break;
                }
                end--;
            }
            bytes.setLength(end);
        }
    }

    private record Verdict(String id, List<Validation.Issue> issues) {}
}
