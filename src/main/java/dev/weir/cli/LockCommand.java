package dev.weir.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir lock}. */
@Command(
        name = "lock",
        mixinStandardHelpOptions = true,
        customSynopsis = "weir lock [OPTIONS] NAME -- COMMAND [ARGUMENT...]",
        description = {
            "Runs COMMAND while it holds a lock, and passes its exit status on.",
            "The lock is renewed at a third of its TTL, and given back at the end. If it is lost, COMMAND and all that it"
                    + " has started get SIGTERM, SIGKILL after 5 s, and the status is 1. SIGTERM, SIGINT and SIGHUP are"
                    + " passed on to COMMAND, which has WEIR_LOCK_NAME, WEIR_LOCK_FENCE and WEIR_LOCK_TOKEN in its"
                    + " environment.",
            "Status 1 also if another holds the lock, 126 if COMMAND cannot be run, 127 if there is none."
        })
final class LockCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration MIN_TTL = Duration.ofMillis(200);
    private static final Duration MAX_TTL = Duration.ofDays(1);
    private static final Duration MAX_WAIT = Duration.ofHours(1);
    private static final Duration RELEASE = Duration.ofSeconds(5);

    private final Terminal terminal;
    private final List<String> command;

    @Mixin
    private final ServiceOptions options;

    @Parameters(paramLabel = "NAME", description = "The lock.")
    private String name = "";

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            description = "Its time, 30s by default; it is renewed until the end.")
    private Duration ttl = Duration.ofSeconds(30);

    @Option(names = "--wait", paramLabel = "DURATION", description = "How long to wait for it; by default not at all.")
    private Duration wait = Duration.ZERO;

    @Option(names = "--owner", paramLabel = "TEXT", description = "What others are told; host and process by default.")
    private @Nullable String owner;

    @Option(names = "--keep", description = "Let COMMAND go on when the lock is lost, and only say so.")
    private boolean keep;

    private @Nullable LockedCommand running;
    private @Nullable Signals early;
    private boolean granted;

    LockCommand(Terminal terminal, List<String> command) {
        this.terminal = terminal;
        this.command = command;
        this.options = new ServiceOptions(terminal);
    }

    @Override
    public Integer call() throws InterruptedException {
        check();
        LockClient client = new LockClient(options.open(), name, owner(), ttl, options.patience(PATIENCE));
        Thread waiter = Thread.currentThread();
        Signals.handle(signal -> signalled(signal, waiter));
        LockClient.Grant grant;
        try {
            grant = client.acquire(wait);
        } catch (InterruptedException | CancellationException e) {
            return abandoned();
        }
        ObjectNode document = Documents.object().put("name", name).put("fence", grant.fence());
        int status = run(client, grant, document);
        if (options.isJson()) {
            options.print(document.put("exitStatus", status));
        }
        return status;
    }

    private void check() {
        if (command.isEmpty()) {
            throw Ending.misuse("COMMAND is missing: write it after --");
        }
        if (name.isEmpty()) {
            throw Ending.misuse("NAME cannot be empty");
        }
        Durations.require("--ttl", ttl, MIN_TTL, MAX_TTL);
        Durations.require("--wait", wait, Duration.ZERO, MAX_WAIT);
        // Rather than hand question marks to the command.
        Charset locale = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        List<String> handed = new ArrayList<>(command);
        handed.add(name);
        for (String each : handed) {
            if (!locale.newEncoder().canEncode(each)) {
                throw Ending.misuse("'" + each + "' cannot be handed to a command under this locale (" + locale
                        + "): set LC_ALL=C.UTF-8");
            }
        }
    }

    private String owner() {
        if (owner != null) {
            return owner;
        }
        String host;
        try {
            host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            String variable = terminal.variable("HOSTNAME");
            host = variable == null ? "unknown" : variable;
        }
        return host + ":" + ProcessHandle.current().pid();
    }

    private int run(LockClient client, LockClient.Grant grant, ObjectNode document) throws InterruptedException {
        String loss = null;
        int status;
        try {
            begin();
            long deadline = client.deadline(grant);
            LockedCommand started = start(grant);
            HeldLock held = new HeldLock(client, grant.token(), deadline, ttl, why -> lost(started, why));
            held.start();
            status = started.await();
            loss = held.stop();
        } catch (LockedCommand.NotStarted e) {
            terminal.say(String.valueOf(e.getMessage()));
            status = e.status();
        } catch (Ending e) {
            release(client, grant);
            throw e;
        } catch (LockClient.Lost e) {
            throw Ending.badNews("the lock '" + name + "' was lost before the command began: " + e.getMessage());
        }
        if (loss == null) {
            loss = release(client, grant);
        }
        document.put("lost", loss != null);
        return loss == null || keep ? status : Ending.BAD_NEWS;
    }

    /** From now on a signal only keeps the command from being started: the lock has to be given back. */
    private synchronized void begin() {
        granted = true;
        Thread.interrupted();
    }

    private synchronized LockedCommand start(LockClient.Grant grant) throws LockedCommand.NotStarted {
        if (early != null) {
            throw new LockedCommand.NotStarted("SIG" + early + " came before the command began", early.exitStatus());
        }
        LockedCommand started = LockedCommand.start(
                command,
                Map.of(
                        "WEIR_LOCK_NAME", name,
                        "WEIR_LOCK_FENCE", Long.toString(grant.fence()),
                        "WEIR_LOCK_TOKEN", grant.token()),
                options.isJson());
        running = started;
        return started;
    }

    private synchronized void signalled(Signals signal, Thread waiter) {
        if (running != null) {
            running.forward(signal);
        } else {
            if (early == null && !granted) {
                waiter.interrupt();
            }
            early = signal;
        }
    }

    /** The connection is closed, by which the service knows that nobody waits any more. */
    private synchronized int abandoned() {
        terminal.say("SIG" + early + " came while the lock '" + name + "' was waited for");
        return early == null ? Ending.BAD_NEWS : early.exitStatus();
    }

    private void lost(LockedCommand started, String why) {
        terminal.say("the lock '" + name + "' is lost: " + why
                + (keep ? "; the command goes on without it" : "; the command is ended"));
        if (!keep) {
            started.end();
        }
    }

    /** Returns why the lock had been lost before, if it had been; that it cannot be given back only delays the next. */
    private @Nullable String release(LockClient client, LockClient.Grant grant) throws InterruptedException {
        try {
            client.release(grant.token(), options.patience(RELEASE));
            return null;
        } catch (LockClient.Lost e) {
            terminal.say("the lock '" + name + "' was lost before the command ended: " + e.getMessage());
            return e.getMessage();
        } catch (Ending e) {
            terminal.say("the lock '" + name + "' could not be given back, and ends with its time: " + e.line());
            return null;
        }
    }
}
