package dev.weir.it.rfc;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What the RFCs of HTTP demand of a shared cache, whatever it is kept in: RFC 9110, 9111, 9211 and 5861, and what the
 * contract of routes decides where they leave a choice.
 *
 * <p>Each case has paths of its own, so the cases of a chapter run beside one another; each is judged by what the
 * origin saw and what the client got. A failure shows all that was said.
 */
abstract class RouteRfcContract {

    private static final int AT_ONCE = 16;
    private static final int LONGEST_SECONDS = 60;
    /** {@code -Drfc.only=regex} runs the cases in whose names it is found. */
    private static final Pattern ONLY = Pattern.compile(System.getProperty("rfc.only", ""));

    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Weir and the origin behind it. */
    abstract RouteRig rig();

    @TestFactory
    Stream<DynamicTest> freshness() {
        return run(FreshnessCases::add);
    }

    @TestFactory
    Stream<DynamicTest> age() {
        return run(AgeCases::add);
    }

    @TestFactory
    Stream<DynamicTest> statuses() {
        return run(StatusCases::add);
    }

    @TestFactory
    Stream<DynamicTest> responseDirectives() {
        return run(ResponseDirectiveCases::add);
    }

    @TestFactory
    Stream<DynamicTest> requestDirectives() {
        return run(RequestDirectiveCases::add);
    }

    @TestFactory
    Stream<DynamicTest> credentials() {
        return run(CredentialCases::add);
    }

    @TestFactory
    Stream<DynamicTest> vary() {
        return run(VaryCases::add);
    }

    @TestFactory
    Stream<DynamicTest> validation() {
        return run(ValidationCases::add);
    }

    @TestFactory
    Stream<DynamicTest> conditionalRequests() {
        return run(ConditionalCases::add);
    }

    @TestFactory
    Stream<DynamicTest> invalidation() {
        return run(InvalidationCases::add);
    }

    @TestFactory
    Stream<DynamicTest> head() {
        return run(HeadCases::add);
    }

    @TestFactory
    Stream<DynamicTest> ranges() {
        return run(RangeCases::add);
    }

    @TestFactory
    Stream<DynamicTest> stale() {
        return run(StaleCases::add);
    }

    @TestFactory
    Stream<DynamicTest> fields() {
        return run(FieldCases::add);
    }

    @TestFactory
    Stream<DynamicTest> messages() {
        return run(MessageCases::add);
    }

    @TestFactory
    Stream<DynamicTest> coalescing() {
        return run(CoalescingCases::add);
    }

    @TestFactory
    Stream<DynamicTest> cacheStatus() {
        return run(CacheStatusCases::add);
    }

    @TestFactory
    Stream<DynamicTest> settings() {
        return run(SettingsCases::add);
    }

    /** Starts all cases of the chapter, some at once; the tests only wait for their ends. */
    private Stream<DynamicTest> run(Consumer<Cases> chapter) {
        Cases cases = new Cases();
        chapter.accept(cases);
        Semaphore turns = new Semaphore(AT_ONCE);
        List<DynamicTest> tests = new ArrayList<>();
        for (Cases.Case one : cases.all()) {
            if (!ONLY.matcher(one.name()).find()) {
                continue;
            }
            CompletableFuture<Void> end =
                    CompletableFuture.runAsync(() -> judge(one, turns), Thread::startVirtualThread);
            tests.add(DynamicTest.dynamicTest(one.name(), () -> {
                try {
                    end.orTimeout(LONGEST_SECONDS, TimeUnit.SECONDS).join();
                } catch (CompletionException e) {
                    throw e.getCause();
                }
            }));
        }
        return tests.stream();
    }

    private void judge(Cases.Case one, Semaphore turns) {
        Probe probe = new Probe(rig().origin(), rig().weir()::port, "case-" + NUMBER.incrementAndGet());
        turns.acquireUninterruptibly();
        try {
            one.body().run(probe);
        } catch (Exception | AssertionError e) {
            throw new AssertionError(one.name() + "\n" + e.getMessage() + "\n" + probe.transcript() + "\n", e);
        } finally {
            turns.release();
        }
    }
}
