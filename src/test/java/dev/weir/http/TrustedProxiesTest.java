package dev.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.route.FakeRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {

    private static TrustedProxies trusting(String... ranges) {
        return new TrustedProxies(List.of(ranges));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    10.0.0.1           | 10.0.0.1          | true
                    10.0.0.1           | 10.0.0.2          | false
                    10.0.0.0/8         | 10.255.255.255    | true
                    10.0.0.0/8         | 11.0.0.0          | false
                    10.1.2.3/8         | 10.9.9.9          | true
                    10.0.0.0/12        | 10.15.255.255     | true
                    10.0.0.0/12        | 10.16.0.0         | false
                    10.0.0.0/9         | 10.127.255.255    | true
                    10.0.0.0/9         | 10.128.0.0        | false
                    10.0.0.128/25      | 10.0.0.128        | true
                    10.0.0.128/25      | 10.0.0.127        | false
                    10.0.0.2/31        | 10.0.0.3          | true
                    10.0.0.2/31        | 10.0.0.4          | false
                    10.0.0.1/32        | 10.0.0.1          | true
                    10.0.0.1/32        | 10.0.0.0          | false
                    200.0.0.0/5        | 207.255.255.255   | true
                    200.0.0.0/5        | 208.0.0.0         | false
                    0.0.0.0/0          | 203.0.113.9       | true
                    0.0.0.0/0          | 2001:db8::1       | false
                    ::/0               | 2001:db8::1       | true
                    ::/0               | 203.0.113.9       | false
                    2001:db8::/32      | 2001:db8:ffff::1  | true
                    2001:db8::/32      | 2001:db9::1       | false
                    2001:db8::/33      | 2001:db8:7fff::1  | true
                    2001:db8::/33      | 2001:db8:8000::1  | false
                    ::1                | 0:0:0:0:0:0:0:1   | true
                    ::1                | ::2               | false
                    ::1/128            | ::1               | true
                    10.0.0.0/8         | ::ffff:10.0.0.1   | true
                    10.0.0.0/8         | ::ffff:11.0.0.1   | false
                    ::ffff:10.0.0.1    | 10.0.0.1          | true
                    ::ffff:10.0.0.0/8  | 10.0.0.1          | true
                    10.0.0.0/8         | fe80::10.0.0.1    | false
                    10.0.0.0/8         | ::ff00:a00:1      | false
                    10.0.0.0/8         | ::ff:a00:1        | false
                    10.0.0.0/8         | 1::ffff:a00:1     | false
                    ' 10.0.0.0/8 '     | 10.0.0.1          | true
                    10.0.0.0/8         | unknown           | false
                    10.0.0.0/8         | ''                | false
                    """)
    void anAddressIsInARangeOrNot(String range, String address, boolean trusted) {
        assertThat(trusting(range).trust(address)).isEqualTo(trusted);
        assertThat(trusting("198.51.100.1", range).trust(address)).isEqualTo(trusted);
    }

    @Test
    void withoutRangesNobodyIsTrusted() {
        assertThat(trusting().trust("127.0.0.1")).isFalse();
        assertThat(trusting().trust("::1")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "proxy",
                "10.0.0",
                "10.0.0.0.0",
                "10.0.0.256",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/x",
                "10.0.0.0/8/8",
                "10.0.0.0/255.0.0.0",
                "/8",
                "2001:db8::/129",
                "2001:db8:::1",
                "10.0.0.*",
                "10.0.0.1-10.0.0.9"
            })
    void whatIsNoRangeIsRefusedAndNamed(String range) {
        assertThatThrownBy(() -> trusting("127.0.0.1", range))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("weir.trusted-proxies: '" + range + "'");
    }

    private static String clientOf(String peer, String... forwardedFor) {
        FakeRequest request = FakeRequest.get("/").from(peer);
        for (String field : forwardedFor) {
            request.header("X-Forwarded-For", field);
        }
        return trusting("10.0.0.0/8", "2001:db8:a::/48").clientIp(request.build());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
                    198.51.100.9   | none                                  | 198.51.100.9
                    198.51.100.9   | 203.0.113.1                           | 198.51.100.9
                    198.51.100.9   | 10.0.0.1                              | 198.51.100.9
                    10.0.0.1       | none                                  | 10.0.0.1
                    10.0.0.1       | ''                                    | 10.0.0.1
                    10.0.0.1       | 203.0.113.1                           | 203.0.113.1
                    10.0.0.1       | 1.2.3.4, 203.0.113.1                  | 203.0.113.1
                    10.0.0.1       | 1.2.3.4,203.0.113.1,10.0.0.2          | 203.0.113.1
                    10.0.0.1       | 1.2.3.4, 203.0.113.1 , 10.0.0.2,10.3.4.5 | 203.0.113.1
                    10.0.0.1       | 10.0.0.3, 10.0.0.2                    | 10.0.0.3
                    10.0.0.1       | 203.0.113.1, unknown                  | 10.0.0.1
                    10.0.0.1       | 203.0.113.1, unknown, 10.0.0.2        | 10.0.0.2
                    10.0.0.1       | unknown, 203.0.113.1                  | 203.0.113.1
                    10.0.0.1       | 203.0.113.1, , 10.0.0.2               | 10.0.0.2
                    10.0.0.1       | 203.0.113.1,                          | 10.0.0.1
                    10.0.0.1       | _hidden                               | 10.0.0.1
                    10.0.0.1       | <script>                              | 10.0.0.1
                    10.0.0.1       | 203.0.113.1:4711                      | 203.0.113.1
                    10.0.0.1       | 203.0.113.1:                          | 203.0.113.1
                    10.0.0.1       | :203.0.113.1                          | 10.0.0.1
                    10.0.0.1       | [2001:db8::9]:4711                    | 2001:db8::9
                    10.0.0.1       | [2001:db8::9]                         | 2001:db8::9
                    10.0.0.1       | [2001:db8::9                          | 10.0.0.1
                    10.0.0.1       | 2001:db8::9                           | 2001:db8::9
                    10.0.0.1       | 203.0.113.1, [2001:db8:a::1]:80       | 203.0.113.1
                    2001:db8:a::7  | 203.0.113.1                           | 203.0.113.1
                    2001:db8:b::7  | 203.0.113.1                           | 2001:db8:b::7
                    10.0.0.1       | 2001:0DB8:0:0::9                      | 2001:db8::9
                    10.0.0.1       | ::ffff:203.0.113.1                    | 203.0.113.1
                    ::ffff:10.0.0.1 | 203.0.113.1                          | 203.0.113.1
                    10.0.0.1       | 203.0.113.1, ::ffff:10.0.0.2          | 203.0.113.1
                    """)
    void theClientIsTheLastThatNoTrustedProxyIs(String peer, String forwardedFor, String client) {
        assertThat(forwardedFor == null ? clientOf(peer) : clientOf(peer, forwardedFor))
                .isEqualTo(client);
    }

    @Test
    void linesOfTheFieldCountInTheirOrder() {
        assertThat(clientOf("10.0.0.1", "203.0.113.1", "203.0.113.2")).isEqualTo("203.0.113.2");
        assertThat(clientOf("10.0.0.1", "203.0.113.1", "10.0.0.2")).isEqualTo("203.0.113.1");
    }

    @Test
    void aConnectionWithoutAnAddressIsUnknownAndNotTrusted() {
        assertThat(TrustedProxies.peer(FakeRequest.get("/").from(null).build())).isEqualTo("unknown");
        assertThat(clientOf(null, "203.0.113.1")).isEqualTo("unknown");
        assertThat(TrustedProxies.peer(FakeRequest.get("/").from("203.0.113.5").build()))
                .isEqualTo("203.0.113.5");
    }
}
