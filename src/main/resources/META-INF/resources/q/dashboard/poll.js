// Asks again and again, as long as it is wanted and somebody may be looking.

import { call } from './api.js';

/** What takes long to answer is asked for less often: at most this part of the time is spent on it, up to a bound. */
const LOAD = 1 / 20;
const LONGEST_MS = 30_000;

/** Calls back with each answer; `answered` may return how soon it wants the next one, in milliseconds. */
export function poll(path, everyMs, answered) {
  let running = false;
  let timer = 0;

  async function ask() {
    clearTimeout(timer);
    const began = performance.now();
    let next = 0;
    let took = 0;
    if (!document.hidden) {
      try {
        const answer = await call('GET', path);
        took = performance.now() - began;
        next = answered(answer) || 0;
      } catch {
        // The stream tells whether the instance is there; here it is only asked again, and not later than otherwise.
      }
    }
    if (running) {
      clearTimeout(timer);
      timer = setTimeout(ask, Math.max(next || everyMs, Math.min(took / LOAD, LONGEST_MS)));
    }
  }

  return {
    start() {
      if (!running) {
        running = true;
        ask();
      }
    },
    stop() {
      running = false;
      clearTimeout(timer);
    },
    now() {
      if (running) {
        ask();
      }
    },
  };
}
