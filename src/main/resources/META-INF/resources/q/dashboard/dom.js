// The page is only ever changed by textContent and attributes: what comes from a configuration, a key or a lock's name
// stays text, whatever it says. What has not changed is not touched, so focus and selection stay where they are.

export const byId = id => document.getElementById(id);

/** An element with attributes and children; strings become text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    set(made, name, value);
  }
  made.append(...children);
  return made;
}

export function set(node, name, value) {
  if (value === null || value === undefined || value === false) {
    node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, value === true ? '' : String(value));
  }
}

export function write(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

export function show(node, visible) {
  node.hidden = !visible;
}

/**
 * Brings the children of a parent in line with items: one child each, kept as long as its key is there, and no others. Where
 * items share a key, so do as many children. The order is left alone while somebody points at a child or has the focus in it,
 * unless it is forced.
 */
export function reconcile(parent, items, keyOf, make, update, force = false) {
  const before = new Map();
  for (const child of parent.children) {
    before.set(child.dataset.key, [...(before.get(child.dataset.key) ?? []), child]);
  }
  const wanted = items.map(item => {
    const key = String(keyOf(item));
    const child = before.get(key)?.shift() ?? make(item);
    child.dataset.key = key;
    update(child, item);
    return child;
  });
  before.forEach(unwanted => unwanted.forEach(child => child.remove()));
  const busy = parent.contains(document.activeElement) || parent.matches(':hover');
  if (busy && !force) {
    wanted.filter(child => child.parentNode !== parent).forEach(child => parent.append(child));
    return;
  }
  wanted.forEach((child, index) => {
    if (parent.children[index] !== child) {
      parent.insertBefore(child, parent.children[index] ?? null);
    }
  });
}

/** A list of terms, each with a value: made once, then only its texts change. */
export function terms(list, pairs) {
  reconcile(
    list,
    pairs,
    ([term]) => term,
    ([term]) => element('div', {}, element('dt', {}, term), element('dd')),
    (item, [, value]) => write(item.lastElementChild, value),
  );
}

/** Lets a region be scrolled by the keyboard whenever it is wider than its place. */
export function watchScrolling(region) {
  const judge = () => set(region, 'tabindex', region.scrollWidth > region.clientWidth ? '0' : null);
  const observer = new ResizeObserver(judge);
  observer.observe(region);
  observer.observe(region.firstElementChild);
}
