// Puts the page together: figures come once a second by the stream, what they do not hold is asked for every few seconds.

import { call, segment } from './api.js';
import { charts } from './charts.js';
import { clearDialog, notify, resetDialog, tokenDialog } from './dialogs.js';
import { byId, set, show, write } from './dom.js';
import { moment } from './format.js';
import { History } from './history.js';
import { banner, overview } from './overview.js';
import { locks, redis, warmers } from './panels.js';
import { poll } from './poll.js';
import { follow } from './stream.js';
import { tables } from './tables.js';
import { theme } from './theme.js';

const history = new History();
const drawn = charts();
const lockPanel = locks();
const drawWarmers = warmers(runWarmer);
const figures = tables({ clear: clearDialog() });
const askToken = tokenDialog(start);

let stream = null;
let heardAt = Date.now();
let connected = false;

const polls = [
  poll('/v1/warmers', 3_000, body => {
    drawWarmers(body.warmers);
    return body.warmers.some(warmer => warmer.lastRun?.state === 'running') ? 500 : 0;
  }),
  poll('/v1/locks', 3_000, body => lockPanel.listed(body.locks)),
  poll('/v1/caches', 30_000, body => figures.settings(body)),
];
const warmerPoll = polls[0];

function linked(now) {
  if (now && !connected) {
    banner('banner-link', '', null);
    set(byId('link'), 'data-tone', 'good');
    write(byId('link'), 'Live');
    polls.forEach(each => each.start());
  }
  connected = now;
}

function received(name, data) {
  if (name !== 'stats') {
    return;
  }
  const stats = JSON.parse(data);
  heardAt = Date.now();
  linked(true);
  history.push(stats, heardAt);
  overview(stats, history);
  figures.update(stats);
  lockPanel.update(stats.locks);
  redis(stats.redis ?? {});
  drawn.update(history);
}

function lost(refusal) {
  linked(false);
  polls.forEach(each => each.stop());
  if (refusal?.status === 401 || refusal?.status === 403) {
    set(byId('link'), 'data-tone', 'idle');
    write(byId('link'), 'Signed out');
    // It answers, and will not be asked again by itself.
    banner('banner-link', '', null);
    askToken(refusal);
    return;
  }
  set(byId('link'), 'data-tone', 'bad');
  write(byId('link'), 'Disconnected');
  const shown = history.samples.length > 0 ? 'The last figures are shown. ' : '';
  banner('banner-link', `Disconnected since ${moment(heardAt)}.`, `${shown}This page keeps trying to reach the instance.`, 'bad');
}

async function runWarmer(name) {
  try {
    await call('POST', `/v1/warmers/${segment(name)}/runs`);
    notify(`The warmer ${name} is running.`);
  } catch (cause) {
    notify(`The warmer ${name} was not started: ${cause.message}`, 'bad');
  }
  warmerPoll.now();
}

function start() {
  stream?.close();
  show(byId('sign-out'), sessionStorage.getItem('weir.token') !== null);
  stream = follow('/v1/stats/events', { event: received, lost });
}

resetDialog();
theme(() => drawn.recolour());
byId('notice-close').addEventListener('click', () => show(byId('notice'), false));
start();
