// What the page consists of. All that comes from elsewhere is text, never HTML.

const SVG = 'http://www.w3.org/2000/svg';
const SPARK_WIDTH = 120;
const SPARK_HEIGHT = 24;
const NOTHING = '–';

export function element(name, {text, ...attributes} = {}, ...children) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function perSecond(value) {
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}

export function milliseconds(value) {
  if (value === null) return NOTHING;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString();
}

// The requests a second of the last looks; the highest is as high as can be.
export function sparkline(values) {
  const highest = Math.max(...values, 0);
  const step = SPARK_WIDTH / Math.max(values.length - 1, 1);
  const points = values.map((value, index) => {
    const share = highest > 0 ? value / highest : 0;
    return `${(index * step).toFixed(1)},${(SPARK_HEIGHT - 1 - share * (SPARK_HEIGHT - 2)).toFixed(1)}`;
  });
  const line = document.createElementNS(SVG, 'polyline');
  line.setAttribute('points', points.join(' '));
  const picture = document.createElementNS(SVG, 'svg');
  picture.setAttribute('viewBox', `0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`);
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', `requests a second, at most ${perSecond(highest)}`);
  picture.append(line);
  return picture;
}

export function figures(service) {
  const {rates} = service;
  return [
    ['version', service.versions.join(', ')],
    ['ready', `${service.ready} of ${service.instances.length}`],
    ['restarts', String(service.instances.reduce((sum, one) => sum + (one.restarts ?? 0), 0))],
    ['clients', service.clients === null ? NOTHING : String(service.clients)],
    ['at once', String(service.at_once)],
    ['requests/s', perSecond(rates.requests)],
    ['p95', milliseconds(rates.p95_ms)],
    ['errors/s', perSecond(rates.errors), rates.errors > 0],
  ];
}

export function instanceLine(one) {
  const since = one.since === null ? '' : `, since ${clock(one.since)}`;
  const restarts = one.restarts ? `, restarted ${one.restarts} times` : '';
  const routed = one.routed === 'ready' ? '' : `, routed: ${one.routed}`;
  const text = `${one.name}: ${one.health}${routed}, version ${one.version}${since}${restarts}`;
  const isWell = one.health === 'ready' && one.routed === 'ready';
  return element('li', {text, class: isWell ? '' : 'bad'});
}

export function careLine(one) {
  const line = element('li', {class: one.problem ? 'bad' : ''});
  line.append(
    element('code', {text: one.command}),
    ` at ${clock(one.at)}, ${one.outcome}: ${one.why}`,
    one.problem ? `. ${one.problem}` : '',
  );
  return line;
}
