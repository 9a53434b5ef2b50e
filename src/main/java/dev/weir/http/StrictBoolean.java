package dev.weir.http;

import java.io.Serial;
import org.eclipse.microprofile.config.spi.Converter;

/** Reads {@code true} and {@code false} of the configuration, and refuses everything else instead of guessing. */
public final class StrictBoolean implements Converter<Boolean> {

    @Serial
    private static final long serialVersionUID = 1L;

    @Override
    public Boolean convert(String text) {
        return switch (text.strip()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        };
    }
}
