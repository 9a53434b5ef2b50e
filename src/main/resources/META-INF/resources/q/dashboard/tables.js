// The tables that the figures fill: caches, limits, routes, instances.

import { byId, element, set, write } from './dom.js';
import { bytes, count, millis, percent, plural, span } from './format.js';
import { process } from './history.js';
import { named, table } from './table.js';

const RESULTS = ['near', 'shared', 'memory', 'stale'];

/** A figure of something that had better not happen stands out when it is there. */
const unwanted = value => item => (value(item) > 0 ? 'attention' : 'none');

const number = (title, value, format = count, more = {}) => ({
  title,
  text: item => format(value(item)),
  sort: value,
  ...more,
});

const hitRate = {
  title: 'Hit rate',
  sort: item => item.hitRate ?? -1,
  make(cell) {
    const bar = element('span', { class: 'shares', 'aria-hidden': 'true' });
    RESULTS.forEach(result => bar.append(element('span', { class: `s-${result}` })));
    cell.append(bar, element('span'));
  },
  fill(cell, item) {
    const [bar, text] = cell.children;
    RESULTS.forEach((result, index) => {
      bar.children[index].style.width = `${item.operations > 0 ? (100 * item[result]) / item.operations : 0}%`;
    });
    set(bar, 'title', RESULTS.map(result => `${result} ${count(item[result])}`).join(', '));
    write(text, percent(item.hitRate));
  },
};

function caches(clear) {
  return table(
    'caches',
    [
      {
        title: 'Cache',
        sort: item => item.name,
        ...named(item => item.name, item => (item.ttlMs === undefined ? '' : `kept for ${span(item.ttlMs)}`)),
      },
      number('Reads', item => item.operations),
      hitRate,
      number('Loads', item => item.loads),
      number('Failed', item => item.loadFailures, count, { tone: unwanted(item => item.loadFailures) }),
      number('p99', item => item.p99Ms, millis),
      number('Stored', item => item.storedBytes, bytes),
      number('Saved', item => item.savedBytes, bytes),
      number('Evicted', item => (item.evictions?.near ?? 0) + (item.evictions?.memory ?? 0)),
      number('Near', item => item.nearEntries),
      {
        title: 'Clear',
        unseen: true,
        make(cell, item) {
          const button = element('button', { type: 'button', class: 'plain', 'aria-label': `Clear ${item.name}` }, 'Clear…');
          button.addEventListener('click', () => clear(item.name));
          cell.append(button);
        },
      },
    ],
    { key: item => item.name },
  );
}

function limits() {
  return table(
    'limits',
    [
      { title: 'Policy', ...named(item => item.policy) },
      number('Allowed', item => item.allowed, count, { sort: undefined }),
      number('Denied', item => item.denied, count, { sort: undefined }),
      number('Shadow', item => item.shadow, count, { sort: undefined }),
      number('Fallbacks', item => item.fallbacks, count, { sort: undefined, tone: unwanted(item => item.fallbacks) }),
    ],
    { key: item => item.policy },
  );
}

function routes() {
  const plain = (title, name, more = {}) => number(title, item => item[name], count, { sort: undefined, ...more });
  return table(
    'routes',
    [
      { title: 'Route', ...named(item => item.name) },
      plain('Hit', 'hit'),
      plain('Stale', 'stale'),
      plain('Validated', 'validated'),
      plain('Miss', 'miss'),
      plain('Passed', 'pass'),
      plain('Error', 'error', { tone: unwanted(item => item.error) }),
    ],
    { key: item => item.name },
  );
}

function instances() {
  return table(
    'instances',
    [
      {
        title: 'Instance',
        ...named(item => item.id, item => [item.self && 'this one', item.version].filter(Boolean).join(' · ')),
      },
      {
        title: 'State',
        left: true,
        make: cell => cell.append(element('span', { class: 'badge' })),
        fill(cell, item) {
          const badge = cell.firstElementChild;
          const lost = item.state === 'lost';
          set(badge, 'data-tone', lost ? 'bad' : item.mode === 'degraded' ? 'warn' : 'good');
          write(badge, lost ? `lost ${span(item.agoMs)} ago` : item.mode === 'degraded' ? 'live, without Redis' : 'live');
        },
      },
      { title: 'Up for', text: item => span(item.uptimeMs) },
      { title: 'Reads', text: item => count(item.cache?.operations) },
      { title: 'Hit rate', text: item => percent(item.cache?.hitRate) },
      { title: 'Requests', text: item => count(item.requests?.total) },
      { title: 'p99', text: item => millis(item.requests?.p99Ms) },
    ],
    { key: process },
  );
}

export function tables({ clear }) {
  const all = { caches: caches(clear), limits: limits(), routes: routes(), instances: instances() };
  const lifetimes = new Map();

  return {
    /** Takes the settings of `GET /v1/caches`. */
    settings(body) {
      body.caches.forEach(cache => lifetimes.set(cache.name, cache.settings?.ttlMs));
    },
    update(stats) {
      const cached = (stats.caches ?? []).map(cache => ({ ...cache, ttlMs: lifetimes.get(cache.name) }));
      all.caches.update(cached);
      write(byId('caches-note'), cached.length > 1 ? `${plural(cached.length, 'cache')}, of all live instances` : '');
      all.limits.update(stats.limits ?? []);
      all.routes.update(stats.routes ?? []);

      const members = stats.instances ?? [];
      // Clocks of a browser and of servers differ: ages are told by the clock of the instance that sent the figures.
      const now = Date.parse(members.find(member => member.self)?.seenAt ?? '') || Date.now();
      all.instances.update(members.map(member => ({ ...member, agoMs: now - Date.parse(member.seenAt) })));
      const live = members.filter(member => member.state === 'live').length;
      write(byId('instances-note'), members.length > 0 ? `${live} live, ${members.length - live} lost` : '');
    },
  };
}
