package fr.sesame.conformance;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One line to judge: {@code {"id": "...", "profiles": ["..."], "resource": {...}}}, the resource's text as it stands. */
record Line(String id, List<String> profiles, String resource) {
    private static final JsonFactory JSON = new JsonFactory();

    static Line of(String text) throws IOException {
        String id = null;
        String resource = null;
        List<String> profiles = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(text)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "id" -> id = parser.getText();
                    case "resource" -> resource = raw(parser, text);
                    case "profiles" -> {
                        while (parser.nextToken() != JsonToken.END_ARRAY) {
                            profiles.add(parser.getText());
                        }
                    }
                    default -> parser.skipChildren();
                }
            }
        }
        if (id == null || resource == null) {
            throw new IOException("a line needs an id and a resource");
        }
        return new Line(id, profiles, resource);
    }

    /** The text between the braces, so that the digits of a number or a repeated key arrive as they were sent. */
    private static String raw(JsonParser parser, String text) throws IOException {
        long start = parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        return text.substring((int) start, (int) parser.currentLocation().getCharOffset());
    }
}
