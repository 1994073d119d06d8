package fr.sesame.conformance;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The command line after the mode: {@code --name value} pairs. */
record Options(Map<String, String> values) {

    static Options of(String[] arguments) {
        Map<String, String> values = new HashMap<>();
        for (int i = 1; i + 1 < arguments.length; i += 2) {
            if (!arguments[i].startsWith("--")) {
                throw new IllegalArgumentException("expected --name value, found " + arguments[i]);
            }
            values.put(arguments[i].substring(2), arguments[i + 1]);
        }
        return new Options(values);
    }

    /** Values separated by commas; none when the option is absent. */
    List<String> list(String name) {
        return Stream.of(values.getOrDefault(name, "").split(",")).filter(v -> !v.isBlank()).toList();
    }

    Path path(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("--" + name + " is missing");
        }
        return Path.of(value);
    }

    int number(String name, int otherwise) {
        return Integer.parseInt(values.getOrDefault(name, String.valueOf(otherwise)));
    }
}
