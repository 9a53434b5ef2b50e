package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** Why a verb ends other than well: one line for a person, and the exit status. It carries no stack trace. */
class Ending extends RuntimeException {

    static final int BAD_NEWS = 1;
    static final int USAGE = 2;
    static final int UNREACHABLE = 3;

    private final int status;
    private final transient @Nullable JsonNode document;

    private Ending(int status, String line, @Nullable JsonNode document) {
        super(line.replaceAll("\\s*\\R\\s*", " "), null, false, false);
        this.status = status;
        this.document = document;
    }

    /** The service was asked, and what it says is bad. */
    static Ending badNews(String line) {
        return new Ending(BAD_NEWS, line, null);
    }

    /** The same, with the document that {@code --json} prints. */
    static Ending badNews(String line, JsonNode document) {
        return new Ending(BAD_NEWS, line, document);
    }

    /** What was typed, or set in the environment, cannot be meant. */
    static Ending misuse(String line) {
        return new Ending(USAGE, line, null);
    }

    int status() {
        return status;
    }

    String line() {
        return String.valueOf(getMessage());
    }

    @Nullable
    JsonNode document() {
        return document;
    }

    /** There is no service there, or it does not answer, or what answers is none of Weir's. */
    static final class Unreachable extends Ending {

        private final boolean refused;

        /** @param refused whether it is certain that no request was sent */
        Unreachable(String line, boolean refused) {
            super(UNREACHABLE, line, null);
            this.refused = refused;
        }

        boolean isRefused() {
            return refused;
        }
    }
}
