package dev.weir.cli;

/** Lines that hold colours of ANSI. */
final class Ansi {

    private static final char ESCAPE = '\u001b';

    private Ansi() {}

    /** So much of a line as has room in so many columns; its colours end with it. */
    static String cut(String line, int columns) {
        StringBuilder cut = new StringBuilder();
        int width = 0;
        int i = 0;
        while (i < line.length()) {
            int end = line.charAt(i) == ESCAPE ? line.indexOf('m', i) + 1 : line.offsetByCodePoints(i, 1);
            boolean isColour = line.charAt(i) == ESCAPE && end > 0;
            end = end > 0 ? end : i + 1;
            if (isColour || width++ < columns) {
                cut.append(line, i, end);
            }
            i = end;
        }
        return cut.toString();
    }
}
