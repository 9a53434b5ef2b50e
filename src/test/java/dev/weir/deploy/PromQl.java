package dev.weir.deploy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Follows an expression in PromQL over a real {@link Scrape}: every metric is there, every label that is matched, grouped or
 * joined by is one that its operand has, and every value that is matched is one that is there. Prometheus itself takes all
 * of that without a word, and such an alert is never raised. Of the language it knows what alerts and dashboards here use.
 */
final class PromQl {

    private static final Set<String> AGGREGATIONS = Set.of("sum", "min", "max", "avg", "count");
    private static final Set<String> OF_COUNTERS = Set.of("rate", "increase");
    private static final Set<String> FUNCTIONS = Set.of("absent", "rate", "increase", "histogram_quantile");
    private static final Set<String> OPERATORS =
            Set.of("==", "!=", ">", "<", ">=", "<=", "+", "-", "*", "/", "and", "or", "unless");
    private static final Pattern COUNTER = Pattern.compile(".*_(total|count|sum|bucket)");

    private final Scrape scrape;
    private final PromQlTokens tokens;
    private final List<String> findings = new ArrayList<>();
    private boolean inRate;

    private PromQl(String expression, Scrape scrape) {
        this.scrape = scrape;
        this.tokens = new PromQlTokens(expression);
    }

    /** What is wrong, one line each, and the labels that a result bears. */
    record Outcome(List<String> findings, Set<String> labels) {}

    static Outcome follow(String expression, Scrape scrape) {
        try {
            PromQl promQl = new PromQl(expression, scrape);
            Set<String> labels = promQl.expression();
            if (!promQl.tokens.peek().isEmpty()) {
                promQl.findings.add("not understood from '" + promQl.tokens.peek() + "' on");
            }
            return new Outcome(promQl.findings, labels);
        } catch (IllegalArgumentException e) {
            return new Outcome(List.of(String.valueOf(e.getMessage())), Set.of());
        }
    }

    /** Precedence changes values and not which labels there are, so operators are taken from left to right. */
    private Set<String> expression() {
        Set<String> left = operand();
        while (OPERATORS.contains(tokens.peek())) {
            String operator = tokens.next();
            Set<String> by = null;
            boolean on = tokens.peek().equals("on");
            if (on || tokens.peek().equals("ignoring")) {
                tokens.next();
                by = names();
            }
            if (tokens.skip("group_left")) {
                names();
            }
            Set<String> right = operand();
            if (by != null) {
                if (on) {
                    require(by, left, "left of " + operator);
                    require(by, right, "right of " + operator);
                } else {
                    require(by, left, "left of " + operator);
                }
            } else if (!isNumber(left) && !isNumber(right) && !left.equals(right)) {
                findings.add("labels " + left + " and " + right + " never meet at " + operator);
            }
            left = isNumber(left) ? right : left;
        }
        return left;
    }

    private static boolean isNumber(Set<String> labels) {
        return labels.contains("");
    }

    private Set<String> operand() {
        if (tokens.skip("(")) {
            Set<String> inner = expression();
            tokens.demand(")");
            return inner;
        }
        if (!tokens.isName()) {
            number(tokens.next());
            return Set.of("");
        }
        String name = tokens.next();
        if (AGGREGATIONS.contains(name)) {
            return aggregation(name);
        }
        return tokens.peek().equals("(") ? function(name) : selector(name);
    }

    private static void number(String token) {
        if (!token.matches("[0-9.]+(e[+-]?[0-9]+)?")) {
            throw new IllegalArgumentException("a value expected and not '" + token + "'");
        }
    }

    private Set<String> aggregation(String name) {
        Set<String> by = tokens.skip("by") ? names() : Set.of();
        tokens.demand("(");
        Set<String> inner = expression();
        tokens.demand(")");
        require(by, inner, name);
        return by;
    }

    private Set<String> function(String name) {
        if (!FUNCTIONS.contains(name)) {
            findings.add("no function " + name);
        }
        tokens.demand("(");
        inRate = OF_COUNTERS.contains(name);
        Set<String> inner = expression();
        while (tokens.skip(",")) {
            inner = expression();
        }
        inRate = false;
        tokens.demand(")");
        if (name.equals("histogram_quantile")) {
            require(Set.of("le"), inner, name);
            inner = new HashSet<>(inner);
            inner.remove("le");
        }
        return name.equals("absent") ? Set.of() : inner;
    }

    private Set<String> selector(String metric) {
        Map<String, Set<String>> own = scrape.labels(metric).orElse(null);
        if (own == null) {
            findings.add("no metric " + metric);
            own = Map.of();
        }
        if (tokens.skip("{")) {
            while (!tokens.skip("}")) {
                matcher(metric, own);
                tokens.skip(",");
            }
        }
        boolean range = tokens.peek().startsWith("[");
        if (range && !tokens.next().matches("\\[(\\d+[smhd]|\\$__rate_interval)]")) {
            findings.add(metric + " has a range that is none");
        }
        if (range != inRate) {
            findings.add(metric + (range ? " has a range where none belongs" : " needs a range"));
        }
        if (inRate && !COUNTER.matcher(metric).matches()) {
            findings.add(metric + " is no counter, so it has no rate");
        }
        Set<String> labels = new HashSet<>(own.keySet());
        labels.addAll(Scrape.OF_THE_TARGET);
        return labels;
    }

    private void matcher(String metric, Map<String, Set<String>> own) {
        String label = tokens.next();
        String how = tokens.next();
        String text = tokens.next();
        if (!Set.of("=", "!=", "=~", "!~").contains(how) || !text.startsWith("\"")) {
            throw new IllegalArgumentException("no matcher: " + label + how + text);
        }
        if (Scrape.OF_THE_TARGET.contains(label)) {
            return;
        }
        Set<String> values = own.get(label);
        if (values == null) {
            findings.add(metric + " has no label " + label);
            return;
        }
        String value = text.substring(1, text.length() - 1);
        for (String each : how.endsWith("~") ? value.split("\\|") : new String[] {value}) {
            boolean there =
                    how.endsWith("~") ? values.stream().anyMatch(known -> known.matches(each)) : values.contains(each);
            if (!there) {
                findings.add(metric + " has no " + label + "=" + each + " but " + values);
            }
        }
    }

    private Set<String> names() {
        Set<String> names = new HashSet<>();
        tokens.demand("(");
        while (!tokens.skip(")")) {
            names.add(tokens.next());
            tokens.skip(",");
        }
        return names;
    }

    private void require(Set<String> labels, Set<String> of, String where) {
        for (String label : labels) {
            if (!of.contains(label)) {
                findings.add(where + ": there is no label " + label + " in " + of);
            }
        }
    }
}
