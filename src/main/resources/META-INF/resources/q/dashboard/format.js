// Numbers as people read them. What is not known is a dash, never a zero. A number stays on one line with its unit.

const NONE = '–';
const JOIN = '\u00a0';
const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 });
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const DAY_MS = 86_400_000;

const known = value => typeof value === 'number' && Number.isFinite(value);

export function count(value) {
  if (!known(value)) {
    return NONE;
  }
  return Math.abs(value) < 1e6 ? WHOLE.format(value) : COMPACT.format(value);
}

/** A count per second, with a digit after the point where it is small. */
export function perSecond(value) {
  if (!known(value)) {
    return NONE;
  }
  return value < 10 && value > 0 ? value.toFixed(1) : count(value);
}

/** A share of 1; only what is whole is shown as 100 %. */
export function percent(share) {
  if (!known(share)) {
    return NONE;
  }
  const hundred = share * 100;
  if (hundred > 0 && hundred < 0.005) {
    return `<0.01${JOIN}%`;
  }
  if (hundred > 0 && hundred < 1) {
    return `${hundred.toFixed(2)}${JOIN}%`;
  }
  const text = hundred.toFixed(1);
  return `${share < 1 && text === '100.0' ? '99.9' : text.replace(/^(0|100)\.0$/, '$1')}${JOIN}%`;
}

export function millis(ms) {
  if (!known(ms)) {
    return NONE;
  }
  if (ms >= 1000) {
    return `${(ms / 1000).toFixed(2)}${JOIN}s`;
  }
  const digits = ms === 0 ? 0 : ms < 1 ? 2 : ms < 10 ? 1 : 0;
  return `${ms.toFixed(digits)}${JOIN}ms`;
}

export function bytes(value) {
  if (!known(value)) {
    return NONE;
  }
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? WHOLE.format(size) : size.toFixed(size < 100 ? 1 : 0)}${JOIN}${units[unit]}`;
}

/** A span of time, by its two largest units. */
export function span(ms) {
  if (!known(ms)) {
    return NONE;
  }
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([number]) => number > 0);
  if (first < 0) {
    return `0${JOIN}s`;
  }
  return parts.slice(first, first + 2).filter(([number]) => number > 0).map(([number, unit]) => `${number}${JOIN}${unit}`).join(JOIN);
}

/** The time of day, and the day where it is another one. */
export function moment(instant) {
  const at = new Date(instant);
  if (instant === null || instant === undefined || Number.isNaN(at.getTime())) {
    return NONE;
  }
  const far = Math.abs(Date.now() - at.getTime()) > DAY_MS || at.getDate() !== new Date().getDate();
  return (far ? DAY : TIME).format(at);
}

export function plural(number, one, many = `${one}s`) {
  return `${count(number)}${JOIN}${number === 1 ? one : many}`;
}
