package dev.weir.store;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Says in a few words why a connection failed. */
public final class Causes {

    private static final int MAX_LENGTH = 200;

    private Causes() {}

    /**
     * One line without class names. Of a failure of TLS it is the innermost cause's, since what wraps it says no more than
     * that there is none.
     */
    public static String words(Throwable failure) {
        List<Throwable> chain = Stream.iterate(failure, e -> e != null, Throwable::getCause)
                .limit(20)
                .toList();
        if (chain.stream().noneMatch(e -> e instanceof SSLException)) {
            return messageOf(failure);
        }
        Throwable reason = chain.getLast();
        String words = messageOf(reason);
        if (reason instanceof CertificateExpiredException) {
            words = "it has expired (" + words + ")";
        } else if (reason instanceof CertificateNotYetValidException) {
            words = "it is not valid yet (" + words + ")";
        }
        return (chain.stream().anyMatch(Causes::isOfACertificate) ? "TLS: its certificate is not accepted: " : "TLS: ")
                + words;
    }

    private static boolean isOfACertificate(Throwable e) {
        return e instanceof CertificateException
                || e instanceof CertPathBuilderException
                || e instanceof CertPathValidatorException;
    }

    private static String messageOf(Throwable e) {
        String message = e.getMessage();
        if (message == null) {
            return e.getClass().getSimpleName();
        }
        String line = message.replaceAll("\\b([a-z]\\w*\\.)+[A-Z]\\w*(Exception|Error): ", "")
                .replaceAll("\\s+", " ")
                // Vert.x names the URI, and a key or a token may be part of it.
                .replaceAll(" while executing .*", "");
        return line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) + "…" : line;
    }
}
