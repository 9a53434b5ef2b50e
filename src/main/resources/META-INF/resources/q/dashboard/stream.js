// Server-sent events over fetch, since EventSource cannot send a token. Reconnects by itself until it is closed.

import { request } from './api.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** Events come once a second: after this silence the connection is taken for dead. */
const SILENCE_MS = 6_000;

/** Takes text as it arrives and calls back with each event's name and data (HTML, 9.2.6). */
export function parser(onEvent) {
  let rest = '';
  let name = '';
  let data = [];
  const line = text => {
    if (text === '') {
      if (data.length > 0) {
        onEvent(name || 'message', data.join('\n'));
      }
      name = '';
      data = [];
      return;
    }
    const colon = text.indexOf(':');
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') {
      name = value;
    } else if (field === 'data') {
      data.push(value);
    }
  };
  return chunk => {
    rest += chunk;
    // A carriage return at the very end may be half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    lines.forEach(line);
  };
}

/**
 * Follows a stream. `event(name, data)` is called for each event, `lost(refusal)` whenever the connection is gone or could
 * not be made; a refusal for want of a token ends it.
 */
export function follow(path, { event, lost }) {
  let closed = false;
  let pause = FIRST_PAUSE_MS;
  let timer = 0;
  let controller = new AbortController();
  let heard = 0;

  async function read() {
    const response = await request('GET', path, { accept: 'text/event-stream', signal: controller.signal });
    const parse = parser((name, data) => {
      pause = FIRST_PAUSE_MS;
      try {
        event(name, data);
      } catch (mistake) {
        // One of this page, not of the connection: it belongs into the console.
        reportError(mistake);
      }
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || closed) {
        return;
      }
      heard = Date.now();
      parse(value);
    }
  }

  async function attempt() {
    controller = new AbortController();
    heard = Date.now();
    let refusal = null;
    try {
      await read();
    } catch (cause) {
      refusal = cause;
      controller.abort();
    }
    if (closed) {
      return;
    }
    lost(refusal);
    if (refusal?.status === 401 || refusal?.status === 403) {
      close();
      return;
    }
    timer = setTimeout(attempt, pause * (0.8 + Math.random() * 0.4));
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
  }

  const watch = setInterval(() => {
    if (Date.now() - heard > SILENCE_MS) {
      controller.abort();
    }
  }, 1_000);

  function close() {
    closed = true;
    clearTimeout(timer);
    clearInterval(watch);
    controller.abort();
  }

  attempt();
  return { close };
}
