package dev.weir.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.IVersionProvider;

/** The version that the build has written beside the classes. */
final class Version implements IVersionProvider {

    private static final String RESOURCE = "/weir-version.txt";

    @Override
    public String[] getVersion() throws IOException {
        try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException(RESOURCE + " is missing");
            }
            return new String[] {"weir " + new String(in.readAllBytes(), StandardCharsets.UTF_8).strip()};
        }
    }
}
