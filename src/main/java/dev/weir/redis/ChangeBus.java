package dev.weir.redis;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * How instances tell each other what changed: at most once, in the order in which Redis took it, to whoever listens at
 * that moment. Who relies on it must be right, only later, when a message is lost; that a subscription was lost is
 * therefore an event of its own.
 *
 * <p>Listeners are called on an event loop, must not block, and must not throw.
 */
public final class ChangeBus {

    /** Who wants to know. */
    public interface Listener {

        /** Something of {@code topic} changed; {@code own} if this very instance said so. */
        void onMessage(String topic, String payload, boolean own);

        /** Messages may have been missed since, and until {@link #onRestored}. */
        void onLost();

        /** Messages come again. */
        void onRestored();
    }

    private static final char SEPARATOR = '\0';

    private final String instance = UUID.randomUUID().toString().substring(0, 13);
    private final String channel;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    public ChangeBus(String channel) {
        this.channel = channel;
    }

    /** The Redis channel on which a script publishes what {@link #encode} returned. */
    public String channel() {
        return channel;
    }

    /** This process' name among the instances; new with every start. */
    public String instance() {
        return instance;
    }

    /** The message to publish on {@link #channel}, for scripts that change and tell in one step. */
    public String encode(String topic, String payload) {
        return instance + SEPARATOR + topic + SEPARATOR + payload;
    }

    public void addListener(Listener listener) {
        listeners.add(listener);
    }

    public void removeListener(Listener listener) {
        listeners.remove(listener);
    }

    /** Tells the listeners of this process alone: for what happens in its memory only. */
    public void deliverLocally(String topic, String payload) {
        for (Listener listener : listeners) {
            listener.onMessage(topic, payload, true);
        }
    }

    void received(@Nullable String message) {
        int first = message == null ? -1 : message.indexOf(SEPARATOR);
        int second = message == null ? -1 : message.indexOf(SEPARATOR, first + 1);
        if (message == null || first < 0 || second < 0) {
            return; // a foreign hand on the channel
        }
        boolean own = message.substring(0, first).equals(instance);
        String topic = message.substring(first + 1, second);
        String payload = message.substring(second + 1);
        for (Listener listener : listeners) {
            listener.onMessage(topic, payload, own);
        }
    }

    void lost() {
        listeners.forEach(Listener::onLost);
    }

    void restored() {
        listeners.forEach(Listener::onRestored);
    }
}
