package dev.weir.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.auth.Access.Decision;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AccessTest {

    private static final Access ACCESS = new Access(TokensTest.configured(Map.of(
            "r", TokensTest.token("reader-0123456789", Role.READ),
            "w", TokensTest.token("writer-0123456789", Role.WRITE),
            "a", TokensTest.token("admin-00123456789", Role.ADMIN))));

    @ParameterizedTest
    @CsvSource({
        "Bearer reader-0123456789, READ, ALLOWED",
        "Bearer reader-0123456789, WRITE, FORBIDDEN",
        "Bearer reader-0123456789, ADMIN, FORBIDDEN",
        "Bearer writer-0123456789, READ, ALLOWED",
        "Bearer writer-0123456789, WRITE, ALLOWED",
        "Bearer writer-0123456789, ADMIN, FORBIDDEN",
        "Bearer admin-00123456789, ADMIN, ALLOWED",
        "Bearer admin-00123456789, READ, ALLOWED",
        "bearer reader-0123456789, READ, ALLOWED",
        "BEARER   reader-0123456789, READ, ALLOWED",
        ", READ, UNAUTHORIZED",
        "'', READ, UNAUTHORIZED",
        "Bearer, READ, UNAUTHORIZED",
        "'Bearer ', READ, UNAUTHORIZED",
        "Bearer unknown-0123456789, READ, UNAUTHORIZED",
        "reader-0123456789, READ, UNAUTHORIZED",
        "Basic reader-0123456789, READ, UNAUTHORIZED",
        "Bearerreader-0123456789, READ, UNAUTHORIZED",
        "Bearer reader-0123456789 x, READ, UNAUTHORIZED",
        "Bearer READER-0123456789, READ, UNAUTHORIZED"
    })
    void onlyAKnownTokenOfASufficientRoleIsLetIn(String header, Role needed, Decision decision) {
        assertThat(ACCESS.decide(header, needed)).isEqualTo(decision);
    }

    @ParameterizedTest
    @EnumSource
    void withoutAnyTokenEverybodyMayDoEverything(Role needed) {
        Access open = new Access(TokensTest.configured(Map.of()));
        assertThat(open.decide(null, needed)).isEqualTo(Decision.ALLOWED);
        assertThat(open.decide("Bearer nonsense", needed)).isEqualTo(Decision.ALLOWED);
    }

    @ParameterizedTest
    @CsvSource({"READ, READ", "WRITE, READ", "WRITE, WRITE", "ADMIN, READ", "ADMIN, WRITE", "ADMIN, ADMIN"})
    void aRoleIncludesThoseBelowItAndNoneAbove(Role role, Role included) {
        assertThat(role.includes(included)).isTrue();
        assertThat(included.includes(role)).isEqualTo(role == included);
    }
}
