package dev.weir.cli;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process and all that it has started, as long as their parents live. */
final class ProcessTree {

    private final ProcessHandle root;
    private final Set<ProcessHandle> seen = new LinkedHashSet<>();

    ProcessTree(ProcessHandle root) {
        this.root = root;
        look();
    }

    /** SIGTERM to each, and to what still lives after so long SIGKILL. */
    void end(Duration grace) throws InterruptedException {
        look();
        seen.forEach(ProcessHandle::destroy);
        CompletableFuture<?> ended =
                CompletableFuture.allOf(seen.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
        try {
            ended.get(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            look();
            seen.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** Who is orphaned meanwhile is still known. */
    private void look() {
        seen.add(root);
        for (ProcessHandle known : Set.copyOf(seen)) {
            known.descendants().forEach(seen::add);
        }
    }
}
