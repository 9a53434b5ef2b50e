package dev.weir.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.RedisError;
import dev.weir.store.StoreUnavailable;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.junit.jupiter.api.Test;

class WithheldTest {

    private static final String SECRET = "s3cr3t";

    private static String printed(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void wordsThatMayQuoteAreLeftOutAndTypeAndPlaceAreThere() {
        Throwable thrown = new NumberFormatException("For input string: \"" + SECRET + "\"");
        String text = printed(Withheld.of(thrown));
        assertThat(text).doesNotContain(SECRET).contains("java.lang.NumberFormatException", "WithheldTest.java");
    }

    @Test
    void causesAreTreatedTheSame() {
        Throwable cause = new IllegalStateException(SECRET, new IllegalArgumentException(SECRET));
        Throwable thrown = new StringIndexOutOfBoundsException("begin 3, end 1");
        thrown.initCause(cause);
        thrown.addSuppressed(new IllegalStateException(SECRET));
        String text = printed(Withheld.of(thrown));
        assertThat(text)
                .doesNotContain(SECRET)
                .contains("StringIndexOutOfBoundsException", "IllegalStateException", "IllegalArgumentException");
    }

    @Test
    void whatIsKnownToBeHarmlessStaysAsItIs() {
        for (Throwable harmless : List.of(
                new RedisError("WRONGTYPE"),
                StoreUnavailable.unreachable("Redis did not answer in time"),
                new IndexOutOfBoundsException("Index 3 out of bounds for length 2"),
                new IllegalStateException())) {
            assertThat(Withheld.of(harmless)).isSameAs(harmless);
        }
    }

    @Test
    void aCycleOfCausesHasAnEnd() {
        Exception one = new IllegalStateException(SECRET);
        Exception two = new IllegalStateException(SECRET, one);
        one.initCause(two);
        assertThat(printed(Withheld.of(one))).doesNotContain(SECRET);
    }

    @Test
    void bytesOfAConnectionAreTakenOutOfALine() {
        ExtLogRecord line = new ExtLogRecord(
                Level.ERROR, "not an SSL/TLS record: 474554202f76312f6361636865732f", WithheldTest.class.getName());
        line.setLoggerName("io.vertx.core.net.impl.ConnectionBase");
        assertThat(new LogFilter().isLoggable(line)).isTrue();
        assertThat(line.getMessage()).isEqualTo("not an SSL/TLS record: …");
    }

    @Test
    void aLineOfNoRequestAndNoConnectionIsLeftAlone() {
        ExtLogRecord line = new ExtLogRecord(Level.ERROR, "Weir cannot start 474554202f76312f", "x");
        line.setLoggerName("dev.weir.Weir");
        Exception thrown = new IllegalStateException("the reason");
        line.setThrown(thrown);
        assertThat(new LogFilter().isLoggable(line)).isTrue();
        assertThat(line.getThrown()).isSameAs(thrown);
        assertThat(line.getMessage()).isEqualTo("Weir cannot start 474554202f76312f");
        assertThat(line.getMdcCopy()).isEmpty();
    }
}
