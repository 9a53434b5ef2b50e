// A table whose rows are kept as long as what they show is there.

import { byId, element, reconcile, set, show, watchScrolling, write } from './dom.js';

function compare(a, b) {
  if (typeof a === 'string' || typeof b === 'string') {
    return String(a).localeCompare(String(b), 'en', { numeric: true });
  }
  return (a ?? -1) - (b ?? -1);
}

/**
 * Columns have a `title`, a `text` of an item or a `fill(cell, item)`, and may have a value to `sort` by, a `tone` and
 * `left`. The first one names the row.
 */
export function table(id, columns, { key, most = 200 }) {
  const node = byId(id);
  const body = node.tBodies[0];
  const region = node.closest('.scroll');
  const empty = region.parentElement.querySelector('.empty');
  let sorted = null;
  let items = [];

  function heading(column, index) {
    const cell = element('th', { scope: 'col', class: column.left ? 'left' : null });
    if (!column.sort) {
      cell.append(element('span', { class: column.unseen ? 'unseen' : null }, column.title));
      return cell;
    }
    const button = element('button', { type: 'button', class: 'sort' }, column.title);
    button.addEventListener('click', () => {
      const down = sorted?.index === index ? !sorted.down : index > 0;
      sorted = { index, down };
      [...cell.parentElement.cells].forEach(other => set(other, 'aria-sort', null));
      set(cell, 'aria-sort', down ? 'descending' : 'ascending');
      render(true);
    });
    cell.append(button);
    return cell;
  }

  function row(item) {
    return element('tr', {}, ...columns.map((column, index) => {
      const cell = index === 0 ? element('th', { scope: 'row' }) : element('td', { class: column.left ? 'left' : null });
      column.make?.(cell, item);
      return cell;
    }));
  }

  function fill(tr, item) {
    set(tr, 'data-state', item.state);
    columns.forEach((column, index) => {
      const cell = tr.cells[index];
      if (column.fill) {
        column.fill(cell, item);
      } else if (column.text) {
        write(cell, column.text(item));
      }
      if (column.tone) {
        set(cell, 'class', [column.left && 'left', column.tone(item)].filter(Boolean).join(' ') || null);
      }
    });
  }

  function render(force) {
    const order = [...items];
    if (sorted) {
      const value = columns[sorted.index].sort;
      order.sort((a, b) => compare(value(a), value(b)) * (sorted.down ? -1 : 1));
    }
    reconcile(body, order.slice(0, most), key, row, fill, force);
    show(region, items.length > 0);
    if (empty) {
      show(empty, items.length === 0);
    }
  }

  node.tHead.append(element('tr', {}, ...columns.map(heading)));
  show(region, false);
  watchScrolling(region);
  return {
    update(now) {
      items = now;
      render(false);
    },
  };
}

/** A name that may be long, with a line of small print below it. */
export function named(name, small = () => '') {
  return {
    make(cell) {
      cell.append(element('span', { class: 'name' }), element('small'));
    },
    fill(cell, item) {
      const [label, print] = cell.children;
      write(label, name(item));
      set(label, 'title', name(item));
      write(print, small(item));
      show(print, small(item) !== '');
    },
  };
}
