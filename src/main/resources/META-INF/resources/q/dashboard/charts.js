// Three charts of the last five minutes. Their colours are those of their legends, so the style sheet alone decides them.

import { byId, element, set, show, write } from './dom.js';
import { millis, percent, perSecond } from './format.js';

const SPAN_MS = 5 * 60_000;
/** Summaries for screen readers change no more often than somebody could listen to them. */
const SUMMARY_MS = 5_000;

const CHARTS = {
  hits: {
    stacked: true,
    max: 100,
    unit: value => percent(value / 100),
    tick: value => `${value} %`,
    series: [
      ['near', 'near', history => history.shares('near')],
      ['shared', 'Redis', history => history.shares('shared')],
      ['memory', 'memory', history => history.shares('memory')],
      ['stale', 'stale', history => history.shares('stale')],
    ],
    summary: texts => `Share of cache reads of the last seconds: ${texts}. The rest were misses.`,
  },
  requests: {
    unit: perSecond,
    series: [
      ['requests', 'requests', history => history.line(4, ['requests'], sums => sums.requests / sums.seconds)],
      ['errors', 'errors', history => history.line(4, ['errors'], sums => sums.errors / sums.seconds)],
    ],
    summary: texts => `Per second: ${texts}.`,
  },
  latency: {
    unit: millis,
    tick: value => `${Number(value.toPrecision(3))} ms`,
    series: [
      ['p50', 'p50', history => history.percentile('p50Ms')],
      ['p95', 'p95', history => history.percentile('p95Ms'), [6, 3]],
      ['p99', 'p99', history => history.percentile('p99Ms'), [2, 2]],
    ],
    summary: texts => `Latency over the last five minutes: ${texts}.`,
  },
};

const faded = colour => colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.75)');

/** What only memory answers is named once it has: with Redis there is no such series. */
const RARE = 'memory';

function legend(list, series) {
  return series.map(([id, label]) => {
    const swatch = element('span', { class: `swatch s-${id}`, 'aria-hidden': 'true' });
    const value = element('b', {}, '–');
    const item = element('li', { hidden: id === RARE }, swatch, element('span', {}, label), value);
    list.append(item);
    return { item, swatch, value };
  });
}

function options(chart) {
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    interaction: { mode: 'index', intersect: false },
    elements: { point: { radius: 0, hitRadius: 8, hoverRadius: 3 }, line: { borderWidth: 1.75, tension: 0 } },
    plugins: {
      legend: { display: false },
      tooltip: {
        callbacks: {
          title: items => new Date(items[0].parsed.x).toLocaleTimeString('en-GB'),
          label: item => ` ${item.dataset.label} ${chart.unit(item.parsed.y)}`,
        },
      },
    },
    scales: {
      x: {
        type: 'linear',
        min: -SPAN_MS,
        max: 0,
        grid: { display: false },
        border: { display: false },
        afterBuildTicks: axis => (axis.ticks = [0, 1, 2, 3, 4, 5].map(minute => ({ value: axis.min + minute * 60_000 }))),
        ticks: {
          maxRotation: 0,
          align: 'inner',
          callback: (value, index) => ['−5 min', '', '−3', '', '−1', 'now'][index],
        },
      },
      y: {
        stacked: chart.stacked === true,
        beginAtZero: true,
        max: chart.max,
        suggestedMax: chart.max ?? 1,
        border: { display: false },
        ticks: { maxTicksLimit: 5, padding: 6, callback: value => (chart.tick ?? chart.unit)(value) },
      },
    },
  };
}

function make(id, chart) {
  const canvas = byId(`chart-${id}`);
  const entries = legend(byId(`legend-${id}`), chart.series);
  const drawn = new window.Chart(canvas, {
    type: 'line',
    data: {
      datasets: chart.series.map(([, label, , dash = []]) => ({
        label,
        data: [],
        borderDash: dash,
        fill: chart.stacked ? 'stack' : false,
        spanGaps: false,
      })),
    },
    options: options(chart),
  });
  return { ...chart, canvas, entries, drawn };
}

export function charts() {
  const all = Object.entries(CHARTS).map(([id, chart]) => make(id, chart));
  let summarised = 0;

  function recolour() {
    const style = getComputedStyle(document.body);
    const quiet = getComputedStyle(document.querySelector('.legend')).color;
    const line = getComputedStyle(document.querySelector('.panel')).borderTopColor;
    all.forEach(({ drawn, entries, stacked }) => {
      drawn.data.datasets.forEach((dataset, index) => {
        const colour = getComputedStyle(entries[index].swatch).backgroundColor;
        dataset.borderColor = colour;
        dataset.backgroundColor = stacked ? faded(colour) : colour;
      });
      drawn.options.font = { family: style.fontFamily, size: 12 };
      Object.values(drawn.options.scales).forEach(scale => {
        scale.ticks.color = quiet;
        scale.grid.color = line;
      });
      drawn.update('none');
    });
  }

  function update(history) {
    const last = history.samples.at(-1).at;
    const speak = last - summarised >= SUMMARY_MS;
    all.forEach(({ drawn, series, entries, unit, summary, canvas }) => {
      const texts = series.map(([, label, points], index) => {
        const data = points(history);
        drawn.data.datasets[index].data = data;
        const text = unit(data.at(-1).y ?? NaN);
        write(entries[index].value, text);
        if (data.at(-1).y > 0) {
          show(entries[index].item, true);
        }
        return `${label} ${text === '–' ? 'nothing' : text}`;
      });
      drawn.options.scales.x.min = last - SPAN_MS;
      drawn.options.scales.x.max = last;
      drawn.update('none');
      if (speak) {
        set(canvas, 'aria-label', summary(texts.join(', ')));
      }
    });
    summarised = speak ? last : summarised;
  }

  recolour();
  return { update, recolour };
}
