package dev.weir.cli;

import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/**
 * Signals that come to this process. {@code sun.misc.Signal} is the one way to them that JVM and executable have in
 * common; the compiler warns of every mention of it, without remedy, so it is reached by reflection, and named in {@code
 * reachability-metadata.json} for the executable.
 */
enum Signals {
    HUP(1),
    INT(2),
    TERM(15);

    private final int number;

    Signals(int number) {
        this.number = number;
    }

    /** The exit status of a process that this signal ends, as shells tell it. */
    int exitStatus() {
        return 128 + number;
    }

    /** Has all of them handled, but those that whoever started this process has it ignore. */
    static void handle(Consumer<Signals> handler) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            for (Signals each : values()) {
                Object proxy = Proxy.newProxyInstance(
                        Signals.class.getClassLoader(), new Class<?>[] {handlerType}, (self, method, args) -> {
                            if (!method.getName().equals("handle")) {
                                throw new UnsupportedOperationException(method.getName());
                            }
                            handler.accept(each);
                            return null;
                        });
                Object signal = type.getConstructor(String.class).newInstance(each.name());
                type.getMethod("handle", type, handlerType).invoke(null, signal, proxy);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("signals cannot be handled here", e);
        }
    }
}
