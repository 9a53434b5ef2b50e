package dev.weir;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameStartingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.weir.http.Resource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The arrows between packages, as architecture.md draws them. */
class ArchitectureTest {

    private static final String ROOT = "dev.weir";

    /** What a feature may import of the other features. */
    private static final Map<String, Set<String>> FEATURES = Map.ofEntries(
            Map.entry("cache", Set.of()),
            Map.entry("route", Set.of("cache", "limit", "idempotency")),
            Map.entry("limit", Set.of()),
            Map.entry("lock", Set.of()),
            Map.entry("warm", Set.of("cache", "lock")),
            Map.entry("session", Set.of()),
            Map.entry("counter", Set.of()),
            Map.entry("flag", Set.of()),
            Map.entry("idempotency", Set.of()),
            Map.entry("queue", Set.of()),
            Map.entry("leaderboard", Set.of()),
            Map.entry("rest", Set.of()));

    private static final JavaClasses WEIR = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    static Stream<String> features() {
        return FEATURES.keySet().stream().sorted();
    }

    private static String in(String name) {
        return ROOT + "." + name + "..";
    }

    private static void hold(ArchRule rule) {
        rule.allowEmptyShould(true).check(WEIR);
    }

    /** The package imports nothing of Weir but itself and these. */
    private static void importsOnly(String name, String... others) {
        String[] allowed = Stream.concat(Stream.of(name), Stream.of(others))
                .map(ArchitectureTest::in)
                .toArray(String[]::new);
        hold(noClasses()
                .that()
                .resideInAPackage(in(name))
                .should()
                .dependOnClassesThat(
                        resideInAPackage(ROOT + "..").and(DescribedPredicate.not(resideInAnyPackage(allowed))))
                .as(name + " imports nothing of Weir but " + List.of(others)));
    }

    @Test
    void thereIsSomethingToCheck() {
        Set<String> packages = new TreeSet<>();
        WEIR.forEach(each -> packages.add(each.getPackageName()));
        assertThat(packages)
                .contains("dev.weir", "dev.weir.cache", "dev.weir.redis", "dev.weir.store", "dev.weir.http");
        assertThat(WEIR.size()).isGreaterThan(80);
    }

    @Test
    void storeImportsNothingOfWeir() {
        importsOnly("store");
    }

    @Test
    void authImportsNothingOfWeir() {
        importsOnly("auth");
    }

    @Test
    void redisImportsOnlyStore() {
        importsOnly("redis", "store");
    }

    @Test
    void httpImportsOnlyAuthAndTheFailureOfAStore() {
        importsOnly("http", "auth", "store");
    }

    @Test
    void opsImportsNoFeature() {
        importsOnly("ops", "store", "redis", "http", "auth");
    }

    @Test
    void theCommandLineIsAnHttpClientAndImportsNothingOfWeir() {
        importsOnly("cli");
    }

    @ParameterizedTest
    @MethodSource("features")
    void aFeatureImportsWhatIsSharedAndOnlyItsOwnKindOfOtherFeatures(String feature) {
        importsOnly(
                feature,
                Stream.concat(Stream.of("http", "auth", "redis", "store"), FEATURES.get(feature).stream())
                        .toArray(String[]::new));
    }

    @Test
    void nobodyImportsTheDemo() {
        hold(noClasses()
                .that()
                .resideOutsideOfPackage(in("demo"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(in("demo")));
    }

    @Test
    void packagesFormNoCycle() {
        hold(slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
    }

    @Test
    void nobodyNamesJaxRs() {
        hold(noClasses().should().dependOnClassesThat().resideInAnyPackage("jakarta.ws.rs..", "javax.ws.rs.."));
    }

    @Test
    void whatIsRegisteredAtTheApiIsNamedAResource() {
        hold(classes()
                .that()
                .implement(Resource.class)
                .should()
                .haveSimpleNameEndingWith("Resource")
                .andShould()
                .notBePublic());
    }

    @Test
    void onlyStoresOnRedisNameItsCommands() {
        DescribedPredicate<JavaClass> commands = DescribedPredicate.describe("are commands of Redis", each -> Stream.of(
                        "RedisGateway", "PipelinedGateway", "Command", "Reply", "LuaScript", "Scan")
                .anyMatch(name -> each.getName().matches("dev\\.weir\\.redis\\." + name + "(\\$.*)?")));
        hold(noClasses()
                .that()
                .resideOutsideOfPackage(in("redis"))
                .and(DescribedPredicate.not(simpleNameStartingWith("Redis")
                        .or(simpleNameEndingWith("Beans"))
                        .or(nestedIn(simpleNameStartingWith("Redis")))))
                .should()
                .dependOnClassesThat(commands));
    }

    private static DescribedPredicate<JavaClass> nestedIn(DescribedPredicate<JavaClass> outer) {
        return DescribedPredicate.describe(
                "nested in " + outer.getDescription(),
                each -> each.getEnclosingClass().filter(outer).isPresent());
    }

    @Test
    void everyPackageIsNullMarked() {
        WEIR.stream().map(JavaClass::getPackage).distinct().forEach(each -> assertThat(
                        each.isAnnotatedWith(NullMarked.class))
                .as(each.getName())
                .isTrue());
    }

    @Test
    void noClassIsAGrabBag() {
        hold(noClasses().should().haveNameMatching(".*(Util|Utils|Helper|Helpers|Manager|Misc)(\\$.*)?"));
    }

    @Test
    void configurationIsReadThroughMappingsThatAreInterfaces() {
        hold(classes().that().haveSimpleNameEndingWith("Config").should().beInterfaces());
    }
}
