package dev.weir.limit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code lua/limit/concurrency.lua} in memory. */
final class Slots implements Meter {

    private record Held(String id, long cost, long till) {}

    /** By when their leases are over. */
    private final List<Held> held = new ArrayList<>(2);

    @Override
    public Look look(long clock, Quota quota, long cost) {
        List<Held> live = held.stream().filter(slot -> slot.till > clock).toList();
        long used = live.stream().mapToLong(Held::cost).sum();
        long reset = live.isEmpty() ? 0 : live.getLast().till - clock;
        long over = Math.min(used, used + cost - quota.limit());
        long retry = 0;
        for (int i = 0; i < live.size() && over > 0; i++) {
            over -= live.get(i).cost;
            retry = live.get(i).till - clock;
        }
        return new Look(quota.limit() - used, reset, retry);
    }

    @Override
    public void spend(long clock, Quota quota, long cost, String slot) {
        held.removeIf(one -> one.till <= clock);
        add(new Held(slot, cost, clock + quota.windowMicros()));
    }

    private void add(Held slot) {
        held.add(slot);
        held.sort(Comparator.comparingLong(Held::till));
    }

    /** True if the slot was held; it is gone in any case. */
    boolean giveBack(long clock, String id) {
        boolean live = held.stream().anyMatch(slot -> slot.id.equals(id) && slot.till > clock);
        held.removeIf(slot -> slot.id.equals(id));
        return live;
    }

    /** True if the slot was held, and is for a lease longer. */
    boolean renew(long clock, String id, long lease) {
        for (Held slot : held) {
            if (slot.id.equals(id) && slot.till > clock) {
                held.remove(slot);
                add(new Held(id, slot.cost, clock + lease));
                return true;
            }
        }
        return false;
    }

    @Override
    public long idleAt() {
        return held.isEmpty() ? 0 : held.getLast().till;
    }

    @Override
    public int weight() {
        return 64 + 96 * held.size();
    }
}
