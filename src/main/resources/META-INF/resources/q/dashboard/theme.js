// Light, dark, or as the system has it. The choice lasts as long as the tab.

import { byId, set, write } from './dom.js';

const KEY = 'weir.theme';
const CHOICES = ['automatic', 'light', 'dark'];

export function theme(changed) {
  const button = byId('theme');
  let chosen = Math.max(0, CHOICES.indexOf(sessionStorage.getItem(KEY)));
  const apply = () => {
    set(document.documentElement, 'data-theme', chosen === 0 ? null : CHOICES[chosen]);
    write(button, `Theme: ${CHOICES[chosen]}`);
    changed();
  };
  button.addEventListener('click', () => {
    chosen = (chosen + 1) % CHOICES.length;
    sessionStorage.setItem(KEY, CHOICES[chosen]);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  apply();
}
