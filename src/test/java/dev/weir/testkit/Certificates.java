package dev.weir.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate authority of a test's own, and what it certified; made anew by the JDK's keytool, since certificates that
 * are kept in files run out some day.
 */
public final class Certificates {

    /** Of every key store here. */
    public static final String PASSWORD = "changeit";

    private static final String AUTHORITY = "authority";

    private final Path directory;
    private final Path store;

    private Certificates(Path directory) {
        this.directory = directory;
        this.store = directory.resolve("all.p12");
    }

    /** A new authority, that keeps its files in this directory. */
    public static Certificates in(Path directory) {
        Certificates certificates = new Certificates(directory);
        certificates.keytool(AUTHORITY, "bc:c=ca:true", "-startdate", "-1d", "-validity", "30");
        return certificates;
    }

    /** Certifies a key under that name, for hosts such as {@code dns:localhost,ip:127.0.0.1}. */
    public Certificates certify(String name, String hosts) {
        keytool(name, "san=" + hosts, "-startdate", "-1d", "-validity", "30", "-signer", AUTHORITY);
        return this;
    }

    /** The same, with a certificate that ran out yesterday. */
    public Certificates certifyExpired(String name, String hosts) {
        keytool(name, "san=" + hosts, "-startdate", "-10d", "-validity", "9", "-signer", AUTHORITY);
        return this;
    }

    /** A key that certified itself: the authority knows nothing of it. */
    public Certificates selfSigned(String name, String hosts) {
        keytool(name, "san=" + hosts, "-startdate", "-1d", "-validity", "30");
        return this;
    }

    /** The authority's certificate as a PEM file, for those who are to trust it. */
    public Path authority() {
        return pem(AUTHORITY + ".pem", "CERTIFICATE", List.of(bytes(() -> load().getCertificate(AUTHORITY))));
    }

    /** The same as a PKCS#12 file. */
    public Path trustStore() {
        Path file = directory.resolve("trust.p12");
        try (var out = Files.newOutputStream(file)) {
            KeyStore trust = empty();
            trust.setCertificateEntry(AUTHORITY, load().getCertificate(AUTHORITY));
            trust.store(out, PASSWORD.toCharArray());
            return file;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The certificate of that name and those above it, as a PEM file. */
    public Path chain(String name) {
        List<byte[]> chain = new ArrayList<>();
        try {
            for (Certificate certificate : load().getCertificateChain(name)) {
                chain.add(certificate.getEncoded());
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return pem(name + ".pem", "CERTIFICATE", chain);
    }

    /** The key of that name as a PEM file, without a password. */
    public Path key(String name) {
        try {
            byte[] key = load().getKey(name, PASSWORD.toCharArray()).getEncoded();
            return pem(name + ".key", "PRIVATE KEY", List.of(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How a server speaks that shows the certificate of that name, and trusts clients that the authority certified. */
    public SSLContext server(String name) {
        try {
            KeyStore own = empty();
            KeyStore all = load();
            own.setKeyEntry(
                    name,
                    all.getKey(name, PASSWORD.toCharArray()),
                    PASSWORD.toCharArray(),
                    all.getCertificateChain(name));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, PASSWORD.toCharArray());
            KeyStore trusted = empty();
            trusted.setCertificateEntry(AUTHORITY, all.getCertificate(AUTHORITY));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void keytool(String name, String extension, String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
        command.addAll(List.of("-alias", name, "-dname", "CN=weir test " + name, "-ext", extension));
        command.addAll(List.of(more));
        Output output = new Output();
        Process process = Processes.start(
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.redirect()));
        if (!Processes.waitFor(process, Duration.ofSeconds(60)) || process.exitValue() != 0) {
            Processes.kill(process);
            throw new IllegalStateException("keytool fails: " + String.join("\n", output.lines()));
        }
    }

    private KeyStore load() {
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore all = KeyStore.getInstance("PKCS12");
            all.load(in, PASSWORD.toCharArray());
            return all;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore empty() throws GeneralSecurityException {
        try {
            KeyStore empty = KeyStore.getInstance("PKCS12");
            empty.load(null, null);
            return empty;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @FunctionalInterface
    private interface Source {
        Certificate get() throws GeneralSecurityException;
    }

    private static byte[] bytes(Source source) {
        try {
            return source.get().getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path pem(String file, String kind, List<byte[]> contents) {
        Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
        StringBuilder pem = new StringBuilder();
        for (byte[] each : contents) {
            pem.append("-----BEGIN ").append(kind).append("-----\n");
            pem.append(lines.encodeToString(each)).append('\n');
            pem.append("-----END ").append(kind).append("-----\n");
        }
        try {
            return Files.writeString(directory.resolve(file), pem.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
