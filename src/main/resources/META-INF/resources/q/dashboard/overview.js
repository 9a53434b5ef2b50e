// What is to be seen first: tiles, advice, and the banner while Redis is away.

import { byId, element, reconcile, set, show, write } from './dom.js';
import { bytes, count, millis, moment, percent, perSecond, plural, span } from './format.js';

const TONES = { good: 'good', fair: 'warn', poor: 'bad' };

function roughly(share) {
  return `${share < 0.005 ? '<1' : Math.round(100 * share)}\u00a0%`;
}

function hits(cache) {
  const reads = cache.operations;
  if (!(reads > 0)) {
    return 'nothing was read';
  }
  const parts = [['near', cache.near], ['Redis', cache.shared], ['memory', cache.memory], ['stale', cache.stale]];
  return parts.filter(([, number]) => number > 0).map(([name, number]) => `${name}\u00a0${roughly(number / reads)}`).join(' · ') || 'all were misses';
}

function redisTile(redis) {
  if (redis.mode === 'memory') {
    return { value: 'None', more: 'kept in memory' };
  }
  const names = { up: 'Up', degraded: 'Degraded', down: 'Down' };
  const tone = { degraded: 'warn', down: 'bad' }[redis.status];
  const memory = typeof redis.memory?.ratio === 'number' ? ` · memory\u00a0${percent(redis.memory.ratio)}` : '';
  const more = redis.status === 'down' ? `since ${moment(redis.since)}` : `${millis(redis.latencyMs)}${memory}`;
  return { value: names[redis.status] ?? 'Unknown', more, tone };
}

/** Shares and percentiles are of the last minutes: in those of weeks an incident does not show. */
function tiles(stats, history) {
  const { cache, requests, redis } = stats;
  const recent = { cache: {}, requests: {}, ...stats.recent };
  const whole = cache.storedBytes + cache.savedBytes;
  return [
    { name: 'Hit rate, 5\u00a0min', value: percent(recent.cache.hitRate), more: hits(recent.cache) },
    { name: 'Requests', value: perSecond(history.rate('requests')), unit: '/s', more: `${count(requests.total)} since ${moment(stats.since)}` },
    { name: 'Latency p99, 5\u00a0min', value: millis(recent.requests.p99Ms), more: `p50\u00a0${millis(recent.requests.p50Ms)} · p95\u00a0${millis(recent.requests.p95Ms)}` },
    { name: 'Errors, 5\u00a0min', value: percent(recent.requests.errorRate), more: `${count(recent.requests.errors)} of ${plural(recent.requests.total, 'request')}`, tone: recent.requests.errorRate > 0.01 ? 'bad' : null },
    { name: 'Redis', ...redisTile(redis) },
    { name: 'Bytes saved', value: bytes(cache.savedBytes), more: whole > 0 ? `${percent(cache.savedBytes / whole)} of ${bytes(whole)}, compressed` : 'nothing was stored yet' },
  ];
}

function drawTile(node, tile) {
  const [, value, more] = node.children;
  set(node, 'data-tone', tile.tone);
  // The unit of a figure is set smaller than the figure.
  const [figure, unit] = /^([\d.,]+)\s+(\D+)$/.exec(tile.value)?.slice(1) ?? [tile.value, tile.value === '–' ? '' : tile.unit ?? ''];
  write(value.firstElementChild, figure);
  write(value.lastElementChild, unit);
  write(more, tile.more);
}

const makeTile = tile => element(
  'div',
  { class: 'tile panel' },
  element('dt', {}, tile.name),
  element('dd', { class: 'value' }, element('span'), element('small')),
  element('dd', { class: 'more' }),
);

function subjectOf(subject) {
  const [kind, name] = Object.entries(subject ?? {})[0] ?? [];
  return kind === undefined ? '' : `${kind} ${name}: `;
}

function advise(stats) {
  const performance = stats.performance ?? {};
  const badge = byId('performance');
  show(badge, TONES[performance.status] !== undefined);
  set(badge, 'data-tone', TONES[performance.status]);
  write(badge, performance.status ?? '');
  write(byId('recommendation'), performance.recommendation ?? '');
  reconcile(
    byId('advice'),
    stats.advice ?? [],
    item => `${item.kind} ${JSON.stringify(item.subject ?? {})}`,
    () => element('li', {}, element('span', { class: 'badge' }), element('p'), element('p', { class: 'change' })),
    (node, item) => {
      const [severity, message, change] = node.children;
      set(severity, 'data-tone', item.severity === 'critical' ? 'bad' : 'warn');
      write(severity, item.severity);
      const subject = subjectOf(item.subject);
      write(message, item.message.includes(Object.values(item.subject ?? {})[0] ?? '') ? item.message : subject + item.message);
      write(change, item.change ?? '');
    },
  );
}

/** An alert is spoken when its text changes: so it only does when something has happened. */
export function banner(id, title, text, tone) {
  const node = byId(id);
  const visible = text !== null;
  if (visible && node.dataset.said !== title + text) {
    node.dataset.said = title + text;
    set(node, 'data-tone', tone);
    node.replaceChildren(element('strong', {}, title), ` ${text}`);
  }
  if (!visible) {
    delete node.dataset.said;
    node.replaceChildren();
  }
  show(node, visible);
}

function warn(redis) {
  if (redis.status === 'down') {
    const since = redis.since ? `since ${moment(redis.since)}` : '';
    banner('banner-redis', 'Redis does not answer', `${since}. Caches and limits work from the memory of each instance, locks are refused.`, 'bad');
  } else if (redis.status === 'degraded') {
    banner('banner-redis', 'Redis is degraded:', (redis.reasons ?? []).join('; ') || 'it answers, but not as it should', 'warn');
  } else {
    banner('banner-redis', '', null);
  }
}

export function overview(stats, history) {
  reconcile(byId('tiles'), tiles(stats, history), tile => tile.name, makeTile, drawTile, true);
  advise(stats);
  warn(stats.redis ?? {});
  const members = stats.instances ?? [];
  const self = members.find(member => member.self);
  write(byId('about'), [self?.id, self?.version, self && `up ${span(self.uptimeMs)}`].filter(Boolean).join(' · '));
  write(byId('since'), `Figures since ${moment(stats.since)}${stats.scope === 'local' ? ', of this instance alone' : ''}`);
}
