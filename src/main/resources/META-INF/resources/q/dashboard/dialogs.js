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

/**
 * Runs `submit` when the form is sent; the dialog stays open with the words of what went wrong. Returns what opens it. Who does
 * not wait for the answer may have closed it by then, or opened it anew for something else: that is left alone, and what
 * went wrong becomes a notice.
 */
function ask(dialog, submit) {
  const form = dialog.querySelector('form');
  const button = form.querySelector('[type=submit]');
  let opened = 0;
  form.addEventListener('submit', async sent => {
    sent.preventDefault();
    if (button.disabled) {
      return;
    }
    const mine = opened;
    const waits = () => dialog.open && mine === opened;
    const title = dialog.querySelector('h2').textContent;
    button.disabled = true;
    fail(dialog, '');
    try {
      await submit(form);
      if (waits()) {
        dialog.close();
      }
    } catch (cause) {
      if (waits()) {
        fail(dialog, cause.message);
      } else {
        notify(`${title}: ${cause.message}`, 'bad');
      }
    } finally {
      if (mine === opened) {
        button.disabled = false;
      }
    }
  });
  dialog.querySelector('[data-close]')?.addEventListener('click', () => dialog.close());

  return () => {
    opened++;
    button.disabled = false;
    fail(dialog, '');
    dialog.showModal();
  };
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

  const open = ask(dialog, async () => {
    const byTag = form.elements.what.value === 'tag';
    // The form may be another one when the answer comes.
    const what = byTag ? `${cache}, tag ${tag.value}` : cache;
    const path = `/v1/caches/${segment(cache)}`;
    const { removed } = await call('DELETE', byTag ? `${path}/entries?tag=${segment(tag.value)}` : path);
    notify(`Cleared ${what}: ${plural(removed, 'entry', 'entries')} removed.`);
  });

  return name => {
    cache = name;
    form.reset();
    choose();
    write(byId('clear-title'), `Clear ${name}`);
    open();
  };
}

export function resetDialog() {
  const open = ask(byId('reset-dialog'), async () => {
    await call('DELETE', '/v1/stats');
    notify('All figures count from zero.');
  });
  byId('reset').addEventListener('click', open);
}

/** Asks for a token until one is good, then calls back. Signing out forgets it, and all that it showed. */
export function tokenDialog(signedIn) {
  const dialog = byId('token-dialog');
  const buttons = () => {
    show(byId('sign-out'), token.get() !== null);
    show(byId('sign-in'), token.get() === null && dialog.dataset.wanted === 'true' && !dialog.open);
  };
  const openForm = ask(dialog, async form => {
    const given = form.elements.token.value.trim();
    await call('GET', '/v1/stats', { bearer: given });
    token.keep(given);
    form.reset();
    dialog.close();
    signedIn();
  });
  const open = words => {
    dialog.dataset.wanted = 'true';
    if (!dialog.open) {
      openForm();
    }
    fail(dialog, words);
    buttons();
  };
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
