package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.route.CachingRules.Judgement;
import dev.weir.route.CachingRules.Settings;
import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule of storing and of freshness by itself; what they come to together is seen from outside. */
class CachingRulesTest {

    private static final long TTL = 300_000;
    private static final long NEGATIVE_TTL = 5_000;
    private static final long DAY = 86_400_000;
    private static final Settings PLAIN = new Settings(TTL, NEGATIVE_TTL, 0, 0, null, false, false);
    private static final Settings LENIENT = new Settings(TTL, NEGATIVE_TTL, 7_000, 9_000, null, false, false);

    /** When answers come here: a whole second, so that dates can say it. */
    private static final long NOW = 784_111_777_000L;

    private static final MultiMap ANYBODY = Headers.of();

    private static Judgement judge(Settings settings, MultiMap request, int status, String... answer) {
        return new CachingRules(settings).judge(request, status, Headers.of(answer), NOW, NOW);
    }

    private static Judgement judge(int status, String... answer) {
        return judge(PLAIN, ANYBODY, status, answer);
    }

    private static Judgement cc(String control, String... answer) {
        return cc(PLAIN, control, answer);
    }

    private static Judgement cc(Settings settings, String control, String... answer) {
        String[] all = new String[answer.length + 2];
        all[0] = "Cache-Control";
        all[1] = control;
        System.arraycopy(answer, 0, all, 2, answer.length);
        return judge(settings, ANYBODY, 200, all);
    }

    private static String secondsAgo(long seconds) {
        return HttpDate.format(NOW - seconds * 1000);
    }

    private static void assertRefused(Judgement judged) {
        assertThat(judged).isEqualTo(Judgement.REFUSED);
        assertThat(judged.storable()).isFalse();
    }

    // Statuses

    @ParameterizedTest
    @ValueSource(ints = {200, 203, 204, 300, 301, 308})
    void statusesThatMayBeKeptUntoldGetTheTtl(int status) {
        assertThat(judge(status)).isEqualTo(new Judgement(true, 0, TTL, 0, 0, java.util.Set.of()));
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 405, 410, 414, 501})
    void thoseThatSayNoGetTheNegativeTtl(int status) {
        assertThat(judge(status).freshMs()).isEqualTo(NEGATIVE_TTL);
        assertThat(judge(status, "Cache-Control", "max-age=60").freshMs()).isEqualTo(60_000);
        Settings without = new Settings(TTL, 0, 0, 0, null, false, false);
        assertRefused(judge(without, ANYBODY, status));
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 202, 205, 302, 303, 307, 400, 401, 403, 409, 422, 429, 451, 500, 502, 503, 504, 299, 599})
    void othersAreKeptOnlyIfTheyAreToldFor(int status) {
        assertRefused(judge(status));
        assertRefused(judge(status, "ETag", "\"a\""));
        assertThat(judge(status, "Cache-Control", "max-age=60").freshMs()).isEqualTo(60_000);
        assertThat(judge(status, "Cache-Control", "public").freshMs()).isEqualTo(TTL);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 103, 199, 206, 304})
    void someAreNeverKept(int status) {
        assertRefused(judge(status, "Cache-Control", "public, max-age=60"));
        Settings override = new Settings(TTL, NEGATIVE_TTL, 0, 0, 60_000L, false, false);
        assertRefused(judge(override, ANYBODY, status));
    }

    // What forbids storing

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-store",
                "no-store, max-age=60",
                "max-age=60, no-store",
                "NO-STORE, public, s-maxage=60",
                "private",
                "private, max-age=60",
                "Private, s-maxage=60",
                "public, private, max-age=60",
                "max-age=0",
                "s-maxage=0, max-age=60",
                "no-cache",
                "max-age=x",
                "max-age",
                "max-age=-60"
            })
    void theseAreNotKeptWithoutAValidator(String control) {
        assertRefused(cc(control));
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-store", "private", "private, s-maxage=60", "no-store, public"})
    void theseAreNotKeptEvenWithAValidator(String control) {
        assertRefused(cc(control, "ETag", "\"a\""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    must-understand, no-store, max-age=60 | 200 | true
                    must-understand, max-age=60           | 200 | true
                    must-understand, no-store, max-age=60 | 451 | false
                    must-understand, max-age=60           | 451 | false
                    must-understand, max-age=60           | 299 | false
                    no-store, max-age=60                  | 200 | false
                    max-age=60                            | 451 | true
                    """)
    void mustUnderstandSetsNoStoreAsideForStatusesThatAreUnderstood(String control, int status, boolean kept) {
        assertThat(judge(status, "Cache-Control", control).storable()).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource({"*, false", "'Accept, *', false", "'*,Accept', false", "Accept, true", "'', true", "x*, true"})
    void whatVariesByEverythingIsNotKept(String vary, boolean kept) {
        assertThat(cc("max-age=60", "Vary", vary).storable()).isEqualTo(kept);
        Settings override = new Settings(TTL, NEGATIVE_TTL, 0, 0, 60_000L, false, false);
        assertThat(judge(override, ANYBODY, 200, "Vary", vary).storable()).isEqualTo(kept);
    }

    @Test
    void oneOfManyVaryFieldsIsEnough() {
        assertRefused(cc("max-age=60", "Vary", "Accept", "Vary", "*"));
    }

    // Credentials, sessions

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    max-age=60                          | false
                    must-revalidate, max-age=60         | true
                    public, max-age=60                  | true
                    s-maxage=60                         | true
                    proxy-revalidate, max-age=60        | false
                    immutable, max-age=60               | false
                    """)
    void anAnswerToCredentialsIsKeptOnlyIfItIsSaidToBeForAll(String control, boolean kept) {
        MultiMap request = Headers.of("Authorization", "Bearer x");
        assertThat(judge(PLAIN, request, 200, "Cache-Control", control).storable())
                .isEqualTo(kept);
        Settings keyed = new Settings(TTL, NEGATIVE_TTL, 0, 0, null, true, false);
        assertThat(judge(keyed, request, 200, "Cache-Control", control).storable())
                .isTrue();
    }

    @Test
    void anAnswerToCredentialsWithoutAWordIsNotKept() {
        MultiMap request = Headers.of("Authorization", "Bearer x");
        assertRefused(judge(PLAIN, request, 200));
        assertThat(judge(new Settings(TTL, NEGATIVE_TTL, 0, 0, null, true, false), request, 200)
                        .freshMs())
                .isEqualTo(TTL);
    }

    @ParameterizedTest
    @CsvSource({"max-age=60, false", "public, true", "s-maxage=60, true", "must-revalidate, false"})
    void anAnswerThatSetsACookieIsKeptOnlyIfItIsSaidToBeForAll(String control, boolean kept) {
        assertThat(cc(control, "Set-Cookie", "a=b").storable()).isEqualTo(kept);
    }

    @Test
    void anAnswerToACookieIsKeptOnlyIfTheOriginSaysForHowLong() {
        MultiMap request = Headers.of("Cookie", "a=b");
        assertRefused(judge(PLAIN, request, 200));
        assertThat(judge(PLAIN, request, 200, "Cache-Control", "max-age=60").freshMs())
                .isEqualTo(60_000);
        assertThat(judge(PLAIN, request, 200, "Cache-Control", "public").freshMs())
                .isEqualTo(TTL);
        assertThat(judge(PLAIN, request, 200, "Expires", secondsAgo(-60)).freshMs())
                .isEqualTo(60_000);
        assertThat(judge(new Settings(TTL, NEGATIVE_TTL, 0, 0, null, false, true), request, 200)
                        .freshMs())
                .isEqualTo(TTL);
    }

    @Test
    void aStreamOfEventsIsKeptOnlyIfTheOriginSaysForHowLong() {
        assertRefused(judge(200, "Content-Type", "text/event-stream"));
        assertRefused(judge(200, "Content-Type", "text/event-stream; charset=utf-8"));
        assertThat(judge(200, "Content-Type", "text/plain").storable()).isTrue();
        assertThat(cc("max-age=60", "Content-Type", "text/event-stream").storable())
                .isTrue();
    }

    // Freshness

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    max-age=60                        | 60000
                    max-age=1                         | 1000
                    s-maxage=60                       | 60000
                    s-maxage=60, max-age=5            | 60000
                    max-age=5, s-maxage=60            | 60000
                    public                            | 300000
                    must-revalidate                   | 300000
                    no-transform                      | 300000
                    immutable                         | 300000
                    max-age=99999999999               | 2147483648000
                    """)
    void theLifetimeIsWhatTheOriginSaysElseTheTtl(String control, long fresh) {
        assertThat(cc(control).freshMs()).isEqualTo(fresh);
    }

    @Test
    void sMaxageThatIsNoNumberIsZeroWhateverMaxAgeSays() {
        assertRefused(cc("s-maxage=x, max-age=60"));
    }

    @Test
    void expiresCountsFromDateAndAfterMaxAge() {
        assertThat(judge(200, "Expires", secondsAgo(-60)).freshMs()).isEqualTo(60_000);
        assertThat(cc("public", "Expires", secondsAgo(-60)).freshMs()).isEqualTo(60_000);
        assertThat(cc("max-age=5", "Expires", secondsAgo(-60)).freshMs()).isEqualTo(5_000);
        // The origin's clock is ten seconds behind ours, and counts on both ends.
        assertThat(judge(200, "Date", secondsAgo(10), "Expires", secondsAgo(-50))
                        .freshMs())
                .isEqualTo(60_000 - 10_000);
        // Ahead of ours: it has no age.
        assertThat(judge(200, "Date", secondsAgo(-10), "Expires", secondsAgo(-70))
                        .freshMs())
                .isEqualTo(60_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:36 GMT"})
    void expiresThatIsPastOrNoDateIsNoLifetime(String expires) {
        assertRefused(judge(200, "Expires", expires));
        assertThat(judge(200, "Expires", expires, "ETag", "\"a\"").freshMs()).isEqualTo(0);
    }

    @Test
    void twoExpiresAreNone() {
        assertRefused(judge(200, "Expires", secondsAgo(-60), "Expires", secondsAgo(-60)));
    }

    @Test
    void noCacheIsKeptToBeValidatedAlways() {
        Judgement judged = cc("no-cache, max-age=60", "ETag", "\"a\"");
        assertThat(judged.storable()).isTrue();
        assertThat(judged.freshMs()).isEqualTo(0);
        assertThat(cc("no-cache", "ETag", "\"a\"").freshMs()).isEqualTo(0);
        assertThat(cc("no-cache", "Last-Modified", secondsAgo(60)).freshMs()).isEqualTo(0);
        assertRefused(cc("no-cache", "Last-Modified", "yesterday"));
        assertRefused(cc("no-cache, max-age=60"));
        // What is stale already stays as stale as it is.
        assertThat(cc("no-cache, max-age=60", "ETag", "\"a\"", "Age", "70").freshMs())
                .isEqualTo(-10_000);
    }

    @Test
    void noCacheOfAStatusThatIsNotKeptUntoldIsKeptToBeValidated() {
        assertThat(judge(302, "Cache-Control", "no-cache", "ETag", "\"a\"").freshMs())
                .isEqualTo(0);
    }

    @Test
    void noCacheOrPrivateOfSomeFieldsWithholdsThem() {
        Judgement judged = cc("max-age=60, no-cache=\"X-A, Set-Cookie\", private=\"X-B\"");
        assertThat(judged.freshMs()).isEqualTo(60_000);
        assertThat(judged.withheld()).containsExactlyInAnyOrder("x-a", "set-cookie", "x-b");
        assertThat(cc("max-age=60").withheld()).isEmpty();
    }

    // Age

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    10        | 0   | 0     | 10000
                    10        | 0   | 2000  | 12000
                    ''        | 20  | 0     | 20000
                    10        | 20  | 0     | 20000
                    30        | 20  | 0     | 30000
                    30        | 20  | 500   | 30500
                    ''        | -20 | 0     | 0
                    ''        | 0   | 3000  | 3000
                    10, 50    | 0   | 0     | 10000
                    -5        | 0   | 0     | 0
                    x         | 0   | 0     | 0
                    1.5       | 0   | 0     | 0
                    """)
    void theAgeIsTheGreaterOfWhatDateAndAgeSay(String age, long dateSecondsAgo, long delayMs, long expectedMs) {
        MultiMap answer = Headers.of("Cache-Control", "max-age=60", "Date", secondsAgo(dateSecondsAgo));
        if (!age.isEmpty()) {
            answer.add("Age", age);
        }
        Judgement judged = new CachingRules(PLAIN).judge(ANYBODY, 200, answer, NOW - delayMs, NOW);
        assertThat(judged.ageMs()).isEqualTo(expectedMs);
        assertThat(judged.freshMs()).isEqualTo(60_000 - expectedMs);
    }

    @Test
    void aDateOfThisVerySecondIsNow() {
        MultiMap answer = Headers.of("Cache-Control", "max-age=60", "Date", HttpDate.format(NOW));
        CachingRules rules = new CachingRules(PLAIN);
        assertThat(rules.judge(ANYBODY, 200, answer, NOW + 999, NOW + 999).ageMs())
                .isEqualTo(0);
        assertThat(rules.judge(ANYBODY, 200, answer, NOW + 1_000, NOW + 1_000).ageMs())
                .isEqualTo(1_000);
    }

    @Test
    void theTtlCountsFromHereWhateverTheAge() {
        Judgement judged = judge(200, "Age", "100000");
        assertThat(judged.freshMs()).isEqualTo(TTL);
        assertThat(judged.ageMs()).isEqualTo(100_000_000);
    }

    @Test
    void whatIsStaleAsItComesIsKeptOnlyToBeValidatedOrServedStale() {
        assertRefused(cc("max-age=60", "Age", "60"));
        assertRefused(cc("max-age=60", "Age", "61"));
        assertThat(cc("max-age=60", "Age", "59").freshMs()).isEqualTo(1_000);
        Judgement validatable = cc("max-age=60", "Age", "70", "ETag", "\"a\"");
        assertThat(validatable.freshMs()).isEqualTo(-10_000);
        assertThat(validatable.keepMs()).isEqualTo(TTL + 10_000);
        assertRefused(cc(LENIENT, "max-age=60", "Age", "69"));
        assertThat(cc(LENIENT, "max-age=60", "Age", "68").storable()).isTrue();
    }

    // Staleness

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    max-age=60                                                            | 7000   | 9000
                    max-age=60, stale-while-revalidate=30                                 | 30000  | 30000
                    max-age=60, stale-while-revalidate=30, stale-if-error=20              | 30000  | 30000
                    max-age=60, stale-if-error=20                                         | 7000   | 20000
                    max-age=60, stale-while-revalidate=0                                  | 0      | 9000
                    max-age=60, stale-while-revalidate=0, stale-if-error=0                | 0      | 0
                    max-age=60, stale-while-revalidate=x                                  | 7000   | 9000
                    max-age=60, must-revalidate, stale-while-revalidate=30                | 0      | 0
                    max-age=60, proxy-revalidate, stale-while-revalidate=30               | 0      | 0
                    s-maxage=60                                                           | 0      | 0
                    s-maxage=60, stale-while-revalidate=30                                | 30000  | 30000
                    s-maxage=60, stale-if-error=30                                        | 0      | 30000
                    s-maxage=60, must-revalidate, stale-if-error=30                       | 0      | 0
                    public                                                                | 7000   | 9000
                    """)
    void staleAnswersLastAsLongAsTheOriginSaysElseAsTheCacheDoes(String control, long stale, long keep) {
        Judgement judged = cc(LENIENT, control);
        assertThat(judged.staleMs()).isEqualTo(stale);
        assertThat(judged.keepMs()).isEqualTo(keep);
    }

    @Test
    void noCacheForbidsStaleAnswers() {
        Judgement judged = cc(LENIENT, "no-cache, stale-while-revalidate=30", "ETag", "\"a\"");
        assertThat(judged.staleMs()).isZero();
        assertThat(cc(LENIENT, "max-age=60, no-cache=\"x\"").staleMs()).isEqualTo(7_000);
    }

    @Test
    void forHowLongAnErrorIsStoodInForIsAskedOfTheKeptAnswer() {
        CachingRules rules = new CachingRules(LENIENT);
        assertThat(rules.staleIfErrorMs(CacheControl.NONE)).isEqualTo(9_000);
        assertThat(rules.staleIfErrorMs(CacheControl.parse(List.of("stale-if-error=3"))))
                .isEqualTo(3_000);
        assertThat(rules.staleIfErrorMs(CacheControl.parse(List.of("stale-if-error=3, must-revalidate"))))
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "max-age=60, true",
        "must-revalidate, false",
        "proxy-revalidate, false",
        "no-cache, false",
        "no-cache=\"x\", true",
        "s-maxage=60, false",
        "'s-maxage=60, stale-while-revalidate=60', false",
        "private, true"
    })
    void aClientMayHaveItStaleUnlessTheOriginForbidsIt(String control, boolean allowed) {
        assertThat(CachingRules.mayBeStale(CacheControl.parse(List.of(control))))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "public, true",
        "s-maxage=1, true",
        "must-revalidate, true",
        "max-age=1, false",
        "proxy-revalidate, false"
    })
    void whatMayBeUsedForWhoeverHasCredentials(String control, boolean allowed) {
        assertThat(CachingRules.permitsCredentials(CacheControl.parse(List.of(control))))
                .isEqualTo(allowed);
    }

    // For how long what can be validated is kept

    @Test
    void whatCanBeValidatedIsKeptForItsLifetimeAgainWithinBounds() {
        assertThat(cc("max-age=60", "ETag", "\"a\"").keepMs()).isEqualTo(TTL);
        assertThat(cc("max-age=60", "Last-Modified", secondsAgo(5)).keepMs()).isEqualTo(TTL);
        assertThat(cc("max-age=60", "Last-Modified", "yesterday").keepMs()).isZero();
        assertThat(cc("max-age=600", "ETag", "\"a\"").keepMs()).isEqualTo(600_000);
        assertThat(cc("max-age=999999", "ETag", "\"a\"").keepMs()).isEqualTo(DAY);
        assertThat(cc("stale-if-error=999999", "ETag", "\"a\"").keepMs()).isEqualTo(999_999_000);
        Settings brief = new Settings(1_000, NEGATIVE_TTL, 0, 0, null, false, false);
        assertThat(cc(brief, "max-age=1", "ETag", "\"a\"").keepMs()).isEqualTo(60_000);
        assertThat(cc("no-cache", "ETag", "\"a\"").keepMs()).isEqualTo(TTL);
    }

    // Set aside

    @Test
    void anOverrideSetsAsideWhatTheOriginSays() {
        Settings override = new Settings(TTL, NEGATIVE_TTL, 7_000, 9_000, 60_000L, false, false);
        assertThat(new CachingRules(override).isOverridden()).isTrue();
        assertThat(new CachingRules(PLAIN).isOverridden()).isFalse();
        for (String control : List.of("no-store", "private", "max-age=1", "no-cache", "must-revalidate")) {
            Judgement judged = cc(override, control, "Set-Cookie", "a=b", "Age", "30");
            assertThat(judged.storable()).as(control).isTrue();
            assertThat(judged.freshMs()).as(control).isEqualTo(60_000);
            assertThat(judged.staleMs()).as(control).isEqualTo(7_000);
            assertThat(judged.keepMs()).as(control).isEqualTo(9_000);
            assertThat(judged.ageMs()).as(control).isEqualTo(30_000);
            assertThat(judged.withheld()).as(control).containsExactlyInAnyOrder("set-cookie", "set-cookie2");
        }
        MultiMap request = Headers.of("Authorization", "Bearer x", "Cookie", "a=b");
        assertThat(judge(override, request, 200).storable()).isTrue();
    }

    @Test
    void anOverrideStillKeepsOnlyWhatMayBeKeptUntold() {
        Settings override = new Settings(TTL, NEGATIVE_TTL, 0, 0, 60_000L, false, false);
        for (int status : new int[] {201, 302, 307, 400, 401, 403, 429, 500, 502, 503, 504}) {
            assertRefused(judge(override, ANYBODY, status, "Cache-Control", "public, max-age=60"));
        }
        assertThat(judge(override, ANYBODY, 404).freshMs()).isEqualTo(NEGATIVE_TTL);
        Settings brief = new Settings(TTL, NEGATIVE_TTL, 0, 0, 1_000L, false, false);
        assertThat(judge(brief, ANYBODY, 404).freshMs()).isEqualTo(1_000);
        Settings without = new Settings(TTL, 0, 0, 0, 60_000L, false, false);
        assertRefused(judge(without, ANYBODY, 404));
    }

    @Test
    void anOverrideAlsoSetsAsideWhatIsSaidOfErrors() {
        Settings override = new Settings(TTL, NEGATIVE_TTL, 7_000, 9_000, 60_000L, false, false);
        assertThat(new CachingRules(override).staleIfErrorMs(CacheControl.parse(List.of("must-revalidate"))))
                .isEqualTo(9_000);
    }
}
