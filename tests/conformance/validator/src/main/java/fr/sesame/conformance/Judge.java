package fr.sesame.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Judges every line of a file (or of the standard input), several at a time, in memory that does not grow with it. */
final class Judge {
    private static final int PROGRESS_EVERY = 500;

    private final Validation validation;
    private final Options options;
    private final AtomicInteger done = new AtomicInteger();

    Judge(Validation validation, Options options) {
        this.validation = validation;
        this.options = options;
    }

    void run() throws IOException, InterruptedException {
        int threads = options.number("threads", Runtime.getRuntime().availableProcessors());
        // When the queue is full the reader judges too, so that no more than a few lines are in memory.
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(4 * threads), new ThreadPoolExecutor.CallerRunsPolicy());
        try (BufferedReader input = reader(options.path("input"));
                Verdicts verdicts = new Verdicts(options.path("output"))) {
            String text;
            while ((text = input.readLine()) != null) {
                Line line = Line.of(text);
                if (!verdicts.has(line.id())) {
                    pool.execute(() -> judge(line, verdicts));
                }
            }
            pool.shutdown();
            pool.awaitTermination(1, TimeUnit.DAYS);
        } finally {
            pool.shutdownNow();
        }
        System.err.println("judged: " + done);
    }

    private void judge(Line line, Verdicts verdicts) {
        try {
            verdicts.add(line.id(), validation.issues(line.resource(), line.profiles()));
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
        int count = done.incrementAndGet();
        if (count % PROGRESS_EVERY == 0) {
            System.err.println("judged: " + count);
        }
    }

    private static BufferedReader reader(Path file) throws IOException {
        return "-".equals(file.toString())
                ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                : Files.newBufferedReader(file);
    }
}
