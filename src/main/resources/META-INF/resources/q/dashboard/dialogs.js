// What is asked before something is removed, the form for a token, and the notice of what came of it.

import { call, segment, token } from './api.js';
import { byId, set, show, write } from './dom.js';
import { plural } from './format.js';

const NOTICE_MS = 8_000;

let noticeTimer = 0;

/** Says what happened; a failure stays until it is dismissed. */
export function notify(text, tone = 'good') {
  clearTimeout(noticeTimer);
  const notice = byId('notice');
  set(notice, 'data-tone', tone);
  write(byId('notice-text'), text);
  show(notice, true);
  if (tone === 'good') {
    noticeTimer = setTimeout(() => show(notice, false), NOTICE_MS);
  }
}

function fail(dialog, text) {
  const failure = dialog.querySelector('.failure');
  write(failure, text);
  show(failure, text !== '');
}

/** Runs `submit` when the form is sent; the dialog stays open with the words of what went wrong. */
function ask(dialog, submit) {
  const form = dialog.querySelector('form');
  const button = form.querySelector('[type=submit]');
  form.addEventListener('submit', async sent => {
    sent.preventDefault();
    if (button.disabled) {
      return;
    }
    button.disabled = true;
    fail(dialog, '');
    try {
      await submit(form);
      dialog.close();
    } catch (cause) {
      fail(dialog, cause.message);
    } finally {
      button.disabled = false;
    }
  });
  dialog.querySelector('[data-close]')?.addEventListener('click', () => dialog.close());
}

/** Asks what of a cache is to be removed, and removes it. */
export function clearDialog() {
  const dialog = byId('clear-dialog');
  const form = dialog.querySelector('form');
  const { tag } = form.elements;
  let cache = '';

  const choose = () => {
    const byTag = form.elements.what.value === 'tag';
    show(byId('clear-tag-field'), byTag);
    tag.required = byTag;
    write(form.querySelector('[type=submit]'), byTag ? 'Clear tag' : 'Clear cache');
  };
  form.addEventListener('change', choose);

  ask(dialog, async () => {
    const byTag = form.elements.what.value === 'tag';
    const path = `/v1/caches/${segment(cache)}`;
    const { removed } = await call('DELETE', byTag ? `${path}/entries?tag=${segment(tag.value)}` : path);
    const what = byTag ? `${cache}, tag ${tag.value}` : cache;
    notify(`Cleared ${what}: ${plural(removed, 'entry', 'entries')} removed.`);
  });

  return name => {
    cache = name;
    form.reset();
    choose();
    fail(dialog, '');
    write(byId('clear-title'), `Clear ${name}`);
    dialog.showModal();
  };
}

export function resetDialog() {
  const dialog = byId('reset-dialog');
  ask(dialog, async () => {
    await call('DELETE', '/v1/stats');
    notify('All figures count from zero.');
  });
  byId('reset').addEventListener('click', () => {
    fail(dialog, '');
    dialog.showModal();
  });
}

/** Asks for a token until one is good, then calls back. Signing out forgets it, and all that it showed. */
export function tokenDialog(signedIn) {
  const dialog = byId('token-dialog');
  const buttons = () => {
    show(byId('sign-out'), token.get() !== null);
    show(byId('sign-in'), token.get() === null && dialog.dataset.wanted === 'true' && !dialog.open);
  };
  const open = words => {
    dialog.dataset.wanted = 'true';
    fail(dialog, words);
    if (!dialog.open) {
      dialog.showModal();
    }
    buttons();
  };

  ask(dialog, async form => {
    const given = form.elements.token.value.trim();
    await call('GET', '/v1/stats', { bearer: given });
    token.keep(given);
    form.reset();
    signedIn();
  });
  dialog.addEventListener('close', buttons);
  byId('sign-in').addEventListener('click', () => open(''));
  byId('sign-out').addEventListener('click', () => {
    token.forget();
    location.reload();
  });
  buttons();

  /** Without a token yet there is nothing to complain of: the form itself says what is wanted. */
  return refusal => open(token.get() === null && refusal.wantsToken ? '' : refusal.message);
}
