// Warmers, locks and Redis: what is more than a row of figures.

import { byId, element, reconcile, set, show, terms, write } from './dom.js';
import { bytes, count, millis, moment, percent, perSecond, plural, span } from './format.js';
import { named, table } from './table.js';

const STATES = { running: 'idle', done: 'good', skipped: 'idle', failed: 'bad', aborted: 'warn' };
const CROWDED = 0.85;
/** Of more locks only so many are shown. */
const MOST = 50;

function outcome(run) {
  if (!run) {
    return 'It has not run yet.';
  }
  const failed = run.failed > 0 ? `, ${count(run.failed)} failed` : '';
  switch (run.state) {
    case 'running':
      return run.total > 0 ? `${count(run.warmed)} of ${plural(run.total, 'key')}${failed}` : 'Asking for the keys';
    case 'done':
      return `${plural(run.warmed, 'key')}${failed}, ${moment(run.started)}, took ${run.tookMs < 1000 ? millis(run.tookMs) : span(run.tookMs)}`;
    default:
      return `${moment(run.started)}${run.reason ? `: ${run.reason}` : ''}`;
  }
}

function firstFailure(run) {
  const first = run?.failures?.[0];
  return first ? `First failure: ${first.key}: ${first.reason}` : '';
}

function makeWarmer(warmer, runWarmer) {
  const button = element('button', { type: 'button', class: 'plain', 'aria-label': `Run ${warmer.name}` }, 'Run now');
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-disabled') !== 'true') {
      runWarmer(warmer.name);
    }
  });
  return element(
    'li',
    {},
    element('div', { class: 'head' }, element('span', { class: 'name' }, warmer.name), element('span', { class: 'badge' }), element('span', { class: 'quiet' })),
    button,
    element('div', { class: 'bar wide', role: 'progressbar', 'aria-label': `Progress of ${warmer.name}`, 'aria-valuemin': '0', 'aria-valuemax': '100' }, element('span')),
    element('p', { class: 'quiet wide' }),
    element('p', { class: 'quiet wide' }),
  );
}

function drawWarmer(node, warmer) {
  const [head, button, bar, text, failure] = node.children;
  const [, badge, plan] = head.children;
  const run = warmer.lastRun;
  const tried = (run?.warmed ?? 0) + (run?.failed ?? 0);
  const progress = run?.total > 0 ? Math.round((100 * tried) / run.total) : run?.state === 'done' ? 100 : 0;
  show(badge, Boolean(run));
  set(badge, 'data-tone', run?.state === 'done' && run.failed > 0 ? 'warn' : STATES[run?.state]);
  write(badge, run?.state ?? '');
  set(button, 'aria-disabled', run?.state === 'running' ? 'true' : null);
  set(bar, 'aria-valuenow', progress);
  show(bar, Boolean(run));
  bar.firstElementChild.style.width = `${progress}%`;
  write(text, outcome(run));
  write(failure, firstFailure(run));
  show(failure, firstFailure(run) !== '');
  write(plan, `fills ${warmer.cache}, ${warmer.schedule || 'when called'}`);
}

export function warmers(runWarmer) {
  const list = byId('warmers');
  const empty = list.parentElement.querySelector('.empty');
  return all => {
    reconcile(list, all, warmer => warmer.name, warmer => makeWarmer(warmer, runWarmer), drawWarmer);
    show(empty, all.length === 0);
  };
}

/** A semaphore has several holders: a row for each. */
function holders(lock) {
  return (lock.holders ?? [lock]).map((holder, index) => ({ ...holder, name: lock.name, waiting: index === 0 ? lock.waiting : null }));
}

export function locks() {
  const held = table(
    'locks',
    [
      { title: 'Lock', ...named(item => item.name) },
      { title: 'Owner', left: true, text: item => item.owner ?? '–' },
      { title: 'Fence', text: item => count(item.fence) },
      { title: 'Ends in', text: item => span(item.leftMs) },
      { title: 'Waiting', text: item => count(item.waiting) },
    ],
    { key: item => `${item.fence} ${item.name}`, most: MOST },
  );
  let listed = null;
  let at = 0;

  const draw = () => {
    if (listed) {
      const passed = Date.now() - at;
      // What has run out since it was listed is held no longer.
      const rows = listed.flatMap(holders).map(row => ({ ...row, leftMs: row.expiresInMs - passed })).filter(row => row.leftMs > 0);
      held.update(rows);
      write(byId('locks-note'), rows.length > MOST ? `${count(rows.length)} held, ${MOST} shown` : rows.length > 0 ? `${rows.length} held` : '');
    }
  };
  return {
    listed(all) {
      listed = all;
      at = Date.now();
      draw();
    },
    update(figures = {}) {
      terms(byId('lock-figures'), [
        ['Waiting', count(figures.waiting)],
        ['Granted', count(figures.granted)],
        ['Refused', count(figures.refused)],
        ['Lost', count(figures.lost)],
      ]);
      draw();
    },
  };
}

function memory(used) {
  const known = typeof used?.usedBytes === 'number';
  const bounded = typeof used?.ratio === 'number';
  show(byId('redis-memory'), known);
  if (!known) {
    return;
  }
  write(byId('redis-memory-text'), bounded ? `${bytes(used.usedBytes)} of ${bytes(used.maxBytes)} (${percent(used.ratio)})` : `${bytes(used.usedBytes)}, no maxmemory is set`);
  const bar = byId('redis-memory').querySelector('.bar');
  show(bar, bounded);
  set(bar, 'aria-valuenow', Math.round(100 * (used.ratio ?? 0)));
  set(bar, 'aria-valuetext', percent(used.ratio));
  set(bar, 'data-tone', used.ratio > CROWDED ? 'bad' : null);
  bar.firstElementChild.style.width = `${Math.min(100, 100 * (used.ratio ?? 0))}%`;
}

export function redis(state) {
  const none = state.mode === 'memory';
  const badge = byId('redis-state');
  set(badge, 'data-tone', none ? 'idle' : { up: 'good', degraded: 'warn', down: 'bad' }[state.status] ?? 'idle');
  write(badge, none ? 'not configured' : state.status ?? 'unknown');
  memory(none ? null : state.memory);
  const facts = byId('redis');
  show(facts, !none);
  show(facts.parentElement.querySelector('.empty'), none);
  terms(facts, [
    ['Mode', state.mode ?? '–'],
    ['Version', state.version ?? '–'],
    ['Up for', span(state.uptimeMs)],
    ['Round trip', millis(state.latencyMs)],
    ['Operations', typeof state.opsPerSecond === 'number' ? `${perSecond(state.opsPerSecond)} /s` : '–'],
    ['Hit rate', percent(state.hitRate)],
    ['Clients', count(state.clients)],
    ['Evicted keys', count(state.evictedKeys)],
    ['Eviction policy', state.evictionPolicy ?? '–'],
  ]);
}
