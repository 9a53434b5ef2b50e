package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** How far a run of a warmer is: a bar on a terminal, else a line for each tenth of it. */
final class WarmProgress {

    private static final int BAR = 30;
    private static final int TENTHS = 10;

    private final Terminal terminal;
    private final String name;
    private final boolean quiet;
    private int tenth;

    /** @param quiet because a document is printed instead */
    WarmProgress(Terminal terminal, String name, boolean quiet) {
        this.terminal = terminal;
        this.name = Figures.printable(name);
        this.quiet = quiet;
    }

    /** Whether a run is over, or another's, without a key that failed. */
    static boolean isGood(JsonNode run) {
        String state = run.path("state").asText();
        return (state.equals("done") || state.equals("skipped"))
                && run.path("failed").asLong() == 0;
    }

    void show(JsonNode run) {
        long total = run.path("total").asLong();
        long tried = run.path("warmed").asLong() + run.path("failed").asLong();
        if (quiet || total == 0) {
            return;
        }
        if (terminal.isInteractive()) {
            String line = name + "  " + bar(tried, total) + "  " + tried + "/" + total
                    + (run.path("failed").asLong() == 0 ? "" : ", failed " + run.path("failed"));
            terminal.out().print("\r" + Ansi.cut(line, terminal.size()[1] - 1) + "\u001b[K");
            terminal.out().flush();
        } else if (tried * TENTHS / total > tenth) {
            tenth = (int) (tried * TENTHS / total);
            terminal.print(name + ": " + tried + " of " + total + " keys");
        }
    }

    static String bar(long tried, long total) {
        int full = (int) (Math.min(tried, total) * BAR / total);
        return "[" + "#".repeat(full) + "-".repeat(BAR - full) + "] "
                + String.format("%3d %%", Math.min(tried, total) * 100 / total);
    }

    void end(JsonNode run) {
        if (quiet) {
            return;
        }
        if (terminal.isInteractive()) {
            terminal.out().print("\r\u001b[K");
        }
        terminal.print(summary(run));
    }

    private List<String> summary(JsonNode run) {
        List<String> lines = new ArrayList<>();
        String state = Figures.text(run, "state");
        String reason = run.hasNonNull("reason") ? ": " + Figures.text(run, "reason") : "";
        lines.add(name + ": " + terminal.coloured(isGood(run) ? 32 : 31, state) + reason + ", "
                + Figures.count(run, "total") + " keys, " + Figures.count(run, "warmed") + " warmed ("
                + Figures.count(run, "fresh") + " were fresh), " + Figures.count(run, "failed") + " failed, "
                + Figures.duration(run, "tookMs"));
        for (JsonNode failure : run.path("failures")) {
            lines.add("  " + Figures.text(failure, "key") + ": " + Figures.text(failure, "reason"));
        }
        long untold = run.path("failed").asLong() - run.path("failures").size();
        if (untold > 0) {
            lines.add("  and " + untold + " more");
        }
        return lines;
    }
}
