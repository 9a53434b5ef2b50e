package dev.weir.http;

import java.io.Serial;
import org.eclipse.microprofile.config.spi.Converter;

/** Reads a {@link ByteSize} of the configuration. */
public final class ByteSizeConverter implements Converter<ByteSize> {

    @Serial
    private static final long serialVersionUID = 1L;

    @Override
    public ByteSize convert(String text) {
        return ByteSize.of(text);
    }
}
