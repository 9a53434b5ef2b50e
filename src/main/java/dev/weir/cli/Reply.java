package dev.weir.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the service answered.
 *
 * @param base where it is, for messages
 * @param json the body, if it is a JSON object
 */
record Reply(
        String base,
        int status,
        HttpHeaders headers,
        @Nullable ObjectNode json) {

    private static final String TYPE = "urn:weir:problem:";

    /**
     * The body of an answer that is one.
     *
     * @throws Ending with the detail of a problem, or because it is none of Weir's answers
     */
    ObjectNode document() {
        if (status == 200 || status == 201 || status == 202) {
            return object();
        }
        throw trouble();
    }

    /** @throws Ending as {@link #document}, unless it is a 204 */
    void requireEmpty() {
        if (status != 204) {
            throw trouble();
        }
    }

    /** The JSON object, whatever the status. */
    ObjectNode object() {
        if (json == null) {
            throw notWeir();
        }
        return json;
    }

    /** The kind of problem: the last part of its type. */
    Optional<String> kind() {
        String type = json == null ? "" : json.path("type").asText();
        return status >= 400 && type.startsWith(TYPE) ? Optional.of(type.substring(TYPE.length())) : Optional.empty();
    }

    boolean is(String kind) {
        return kind().filter(kind::equals).isPresent();
    }

    /** What ends a verb that has not got what it asked for. */
    Ending trouble() {
        if (json == null || kind().isEmpty()) {
            return notWeir();
        }
        String detail = json.path("detail").asText(json.path("title").asText());
        String hint =
                switch (status) {
                    case 401 -> " (WEIR_TOKEN or --token-file gives the token)";
                    case 403 -> " (the token of WEIR_TOKEN or --token-file has a lesser role)";
                    default -> "";
                };
        return Ending.badNews(detail + hint, json);
    }

    private Ending notWeir() {
        return new Ending.Unreachable(
                base + ": what answers there, with status " + status + ", is not this version of Weir", false);
    }

    /** Whether this instance alone did it, because Redis is away or there is none. */
    boolean isLocal() {
        return headers.firstValue("Weir-Scope").filter("local"::equals).isPresent();
    }
}
