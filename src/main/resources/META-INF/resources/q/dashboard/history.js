// The last five minutes, second by second. Counters are compared instance by instance, so that neither one that comes or
// goes nor a reset looks like traffic.

const KEPT_MS = 5 * 60_000;
const MOST = 400;
/** After a longer silence it is not known when the difference came about. */
const GAP_MS = 5_000;

const RESULTS = ['near', 'shared', 'memory', 'stale', 'misses'];

/** Two may bear one name where it is configured, and one that starts anew counts from zero. */
export const process = instance => `${instance.id} ${instance.startedAt}`;

function countersOf(instance) {
  const counters = { requests: instance.requests?.total ?? 0, errors: instance.requests?.errors ?? 0 };
  RESULTS.forEach(result => (counters[result] = instance.cache?.[result] ?? 0));
  return counters;
}

function difference(before, now) {
  const grown = {};
  for (const [name, value] of Object.entries(now)) {
    grown[name] = value - before[name];
    if (grown[name] < 0) {
      return null;
    }
  }
  return grown;
}

export class History {
  samples = [];
  #counters = new Map();
  #at = 0;

  /** Takes the figures that arrived at this time, in milliseconds. */
  push(stats, at) {
    const live = (stats.instances ?? []).filter(instance => instance.state === 'live');
    const counters = new Map(live.map(instance => [process(instance), countersOf(instance)]));
    const passed = at - this.#at;
    const known = this.#at > 0 && passed > 0 && passed <= GAP_MS;
    const sample = { at, seconds: known ? passed / 1000 : 0, requests: 0, errors: 0, latency: stats.recent?.requests ?? {} };
    RESULTS.forEach(result => (sample[result] = 0));
    if (known) {
      counters.forEach((now, key) => {
        const before = this.#counters.get(key);
        Object.entries((before && difference(before, now)) ?? {}).forEach(([name, grown]) => (sample[name] += grown));
      });
    } else if (this.samples.length > 0) {
      this.samples.push({ at: at - 1, gap: true });
    }
    this.#counters = counters;
    this.#at = at;
    this.samples.push(sample);
    while (this.samples[0].at < at - KEPT_MS || this.samples.length > MOST) {
      this.samples.shift();
    }
  }

  /** Sums of the samples that end with this one and span so many seconds; null over a gap. */
  sum(index, seconds, names) {
    const sums = { seconds: 0 };
    names.forEach(name => (sums[name] = 0));
    for (let i = index; i >= 0 && sums.seconds < seconds; i--) {
      const sample = this.samples[i];
      if (sample.gap || sample.seconds === 0) {
        break;
      }
      sums.seconds += sample.seconds;
      names.forEach(name => (sums[name] += sample[name]));
    }
    return sums.seconds > 0 ? sums : null;
  }

  /** Points of a line: what `value` makes of the sums of each sample's last seconds. */
  line(seconds, names, value) {
    return this.samples.map((sample, index) => {
      const sums = sample.gap ? null : this.sum(index, seconds, names);
      return { x: sample.at, y: sums && value(sums) };
    });
  }

  /** What is answered per second now, on the mean of four seconds: other instances tell their figures every two. */
  rate(name) {
    const sums = this.sum(this.samples.length - 1, 4, [name]);
    return sums && sums[name] / sums.seconds;
  }

  /** The share of the reads of five seconds that each result had. */
  shares(result) {
    return this.line(5, RESULTS, sums => {
      const reads = RESULTS.reduce((total, name) => total + sums[name], 0);
      return reads === 0 ? null : (100 * sums[result]) / reads;
    });
  }

  percentile(field) {
    return this.samples.map(sample => ({ x: sample.at, y: sample.gap ? null : (sample.latency[field] ?? null) }));
  }
}
