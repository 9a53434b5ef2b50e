package dev.weir.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words of an expression in PromQL, one after the other. */
final class PromQlTokens {

    private static final Pattern TOKEN = Pattern.compile("""
            \\s*(?:(?<range>\\[[^]]*])\
            |(?<number>[0-9.]+(?:[eE][+-]?[0-9]+)?)\
            |(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\
            |(?<text>"(?:[^"\\\\]|\\\\.)*")\
            |(?<sign>==|!=|>=|<=|=~|!~|[-+*/%^<>=,(){}]))""");

    private final List<String> tokens = new ArrayList<>();
    private int at;

    /** @throws IllegalArgumentException where something is no word of the language */
    PromQlTokens(String expression) {
        Matcher matcher = TOKEN.matcher(expression.stripTrailing());
        int end = 0;
        while (end < expression.stripTrailing().length()) {
            matcher.region(end, expression.stripTrailing().length());
            if (!matcher.lookingAt()) {
                throw new IllegalArgumentException("not understood: " + expression.substring(end));
            }
            tokens.add(matcher.group().strip());
            end = matcher.end();
        }
    }

    /** Empty at the end. */
    String peek() {
        return at < tokens.size() ? tokens.get(at) : "";
    }

    String next() {
        String token = peek();
        at++;
        return token;
    }

    boolean skip(String token) {
        boolean there = peek().equals(token);
        if (there) {
            at++;
        }
        return there;
    }

    /** @throws IllegalArgumentException if something else comes next */
    void demand(String token) {
        if (!skip(token)) {
            throw new IllegalArgumentException("'" + token + "' expected and not '" + peek() + "'");
        }
    }

    boolean isName() {
        return !peek().isEmpty() && (Character.isLetter(peek().charAt(0)) || peek().charAt(0) == '_');
    }
}
