package dev.weir.testkit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The few distinct values of a header as small numbers, so that a sample needs one byte for it. */
final class HeaderValues {

    static final byte ABSENT = -1;

    private final List<String> names = new CopyOnWriteArrayList<>();

    byte index(@Nullable String value) {
        if (value == null) {
            return ABSENT;
        }
        int index = names.indexOf(value);
        return (byte) (index >= 0 ? index : add(value));
    }

    List<String> names() {
        return List.copyOf(names);
    }

    private synchronized int add(String value) {
        int index = names.indexOf(value);
        if (index >= 0) {
            return index;
        }
        if (names.size() == Byte.MAX_VALUE) {
            throw new IllegalStateException("a header with over 127 values is none to group by: " + value);
        }
        names.add(value);
        return names.size() - 1;
    }
}
