package dev.weir.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UnmatchedArgsBinding;
import picocli.CommandLine.TypeConversionException;

/**
 * The command line: runs one verb in this process, without the server.
 *
 * <p>Its exit status is 0 for good news, 1 for bad, 2 where the command or the environment makes no sense, and 3 if the
 * service cannot be reached; {@code lock} passes on that of its command. What was asked for goes to standard output,
 * all else, one line for each failure, to standard error.
 */
public final class Cli {

    private static final String SEPARATOR = "--";

    private final Terminal terminal;

    Cli(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Runs the verb that the first argument names and returns the exit status of the process. */
    public static int run(String... args) {
        return new Cli(Terminal.ofProcess()).execute(RawArguments.of(args));
    }

    int execute(List<String> args) {
        // What is to be run under a lock is another's command line: picocli must not even look at it.
        int separator = !args.isEmpty() && args.getFirst().equals("lock") ? args.indexOf(SEPARATOR) : -1;
        List<String> own = separator < 0 ? args : args.subList(0, separator);
        List<String> command = separator < 0 ? List.of() : args.subList(separator + 1, args.size());
        int status = commandLine(command).execute(own.toArray(String[]::new));
        terminal.out().flush();
        terminal.err().flush();
        return status;
    }

    private CommandLine commandLine(List<String> command) {
        CommandLine line = new CommandLine(new WeirCommand());
        line.addSubcommand("serve", serve());
        line.addSubcommand(new HealthCommand(terminal));
        line.addSubcommand(new StatsCommand(terminal));
        line.addSubcommand(new MonitorCommand(terminal));
        line.addSubcommand(new WarmCommand(terminal));
        line.addSubcommand(new ClearCommand(terminal));
        line.addSubcommand(new LockCommand(terminal, command));
        line.addSubcommand(new LimitCommand(terminal));
        line.addSubcommand(new CompletionCommand(terminal));
        line.getSubcommands().values().forEach(verb -> verb.getCommandSpec().versionProvider(new Version()));
        line.registerConverter(Duration.class, Cli::duration);
        // A key may well begin with an @.
        line.setExpandAtFiles(false);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(terminal.hasColours() ? Ansi.ON : Ansi.OFF));
        line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        line.setParameterExceptionHandler((e, args) -> misuse(e.getCommandLine(), String.valueOf(e.getMessage())));
        line.setExecutionExceptionHandler((e, verb, parsed) -> end(e, verb));
        return line;
    }

    /** The server is started elsewhere; here is its help, and what is said of arguments that it does not have. */
    private static CommandSpec serve() {
        Callable<Integer> arguments = () -> {
            throw Ending.misuse("serve takes no arguments: settings are given by -Dname=value (to java before -jar), by"
                    + " variables, or in config/application.properties");
        };
        CommandSpec spec = CommandSpec.wrapWithoutInspection(arguments);
        spec.mixinStandardHelpOptions(true);
        spec.addUnmatchedArgsBinding(UnmatchedArgsBinding.forStringArrayConsumer(ignored()));
        spec.usageMessage()
                .description(
                        "Runs the service. The default.",
                        "Its settings are those of config/application.properties, variables and -D.");
        return spec;
    }

    private static ISetter ignored() {
        return new ISetter() {
            @Override
            public <T> @Nullable T set(T value) {
                return null;
            }
        };
    }

    private int end(Exception e, CommandLine verb) {
        if (!(e instanceof Ending ending)) {
            terminal.say(verb.getCommandName() + " failed: " + e);
            return Ending.BAD_NEWS;
        }
        if (ending.status() == Ending.USAGE) {
            return misuse(verb, ending.line());
        }
        if (ending.document() != null && isJson(verb)) {
            terminal.print(Documents.print(ending.document()));
        }
        terminal.say(ending.line());
        return ending.status();
    }

    private static boolean isJson(CommandLine verb) {
        OptionSpec option = verb.getCommandSpec().findOption("--json");
        return option != null && Boolean.TRUE.equals(option.getValue());
    }

    private static Duration duration(String text) {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private int misuse(CommandLine verb, String line) {
        terminal.out().flush();
        terminal.say(line);
        if (verb.getParent() == null) {
            verb.usage(terminal.err());
        } else {
            String name = "weir " + verb.getCommandName();
            CommandLine.Help help = verb.getHelp();
            terminal.err().print(help.synopsisHeading() + help.synopsis(help.synopsisHeadingLength()));
            terminal.err().print(name + " --help tells more.\n");
        }
        terminal.err().flush();
        return Ending.USAGE;
    }
}
