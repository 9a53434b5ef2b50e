package dev.weir.cli;

import java.util.ArrayList;
import java.util.List;

/** Lines of text in columns: the first is flush left, the others flush right. */
final class Table {

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... heads) {
        rows.add(List.of(heads));
    }

    void row(String... cells) {
        rows.add(List.of(cells));
    }

    /** The heads, and a line for each row; nothing if there is no row. */
    List<String> lines() {
        if (rows.size() == 1) {
            return List.of();
        }
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = row.get(i);
            String gap = " ".repeat(widths[i] - width(cell));
            line.append(i == 0 ? "" : "  ").append(i == 0 ? cell + gap : gap + cell);
        }
        return line.toString().stripTrailing();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
