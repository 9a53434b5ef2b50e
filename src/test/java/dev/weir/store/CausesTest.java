package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class CausesTest {

    private static SSLHandshakeException handshake(Throwable cause) {
        SSLHandshakeException failure = new SSLHandshakeException("Failed to create SSL connection");
        failure.initCause(cause);
        return failure;
    }

    @Test
    void withoutTlsItIsTheFailureItself() {
        assertThat(Causes.words(new ConnectException("refused: localhost:1"))).isEqualTo("refused: localhost:1");
        assertThat(Causes.words(new IllegalStateException("outer", new ConnectException("inner"))))
                .isEqualTo("outer");
        assertThat(Causes.words(new ConnectException())).isEqualTo("ConnectException");
    }

    @Test
    void ofTlsItIsTheInnermost() {
        assertThat(Causes.words(handshake(new SSLException("Received fatal alert: bad"))))
                .isEqualTo("TLS: Received fatal alert: bad");
        assertThat(Causes.words(new SSLException("javax.net.ssl.SSLHandshakeException: no\n  suite")))
                .isEqualTo("TLS: no suite");
    }

    @Test
    void aCertificateThatIsNotAcceptedIsNamed() {
        assertThat(Causes.words(handshake(new CertificateException("No name matching localhost found"))))
                .isEqualTo("TLS: its certificate is not accepted: No name matching localhost found");
        assertThat(Causes.words(handshake(new CertPathValidatorException(
                        "validity check failed", new CertificateExpiredException("NotAfter: then")))))
                .isEqualTo("TLS: its certificate is not accepted: it has expired (NotAfter: then)");
        assertThat(Causes.words(handshake(new CertificateNotYetValidException("NotBefore: then"))))
                .endsWith("it is not valid yet (NotBefore: then)");
    }

    @Test
    void whatWasAskedForIsLeftOut() {
        assertThat(Causes.words(new TimeoutException("The timeout period of 200ms has been exceeded"
                        + " while executing GET /users/a-key?token=secret for server localhost:1")))
                .isEqualTo("The timeout period of 200ms has been exceeded");
    }

    @Test
    void itIsNeverLong() {
        assertThat(Causes.words(new SSLException("x".repeat(10_000)))).hasSizeLessThan(250);
    }
}
