// Asks what there is every other second, shows it, and has things done.

import {careLine, clock, element, figures, instanceLine, sparkline} from '/status/parts.js';

const PERIOD_MS = 2000;
const KEYS = {'+': 'more', '-': 'less', u: 'roll', b: 'rollback', l: 'logs', a: 'abort'};
const LABELS = {
  more: 'One more', less: 'One less', roll: 'Roll', rollback: 'Roll back', logs: 'Logs',
};
const byId = (id) => document.getElementById(id);

const state = {services: [], chosen: '', logsOf: ''};
const cards = new Map();

function say(text, isBad = false) {
  byId('connection').textContent = text;
  byId('connection').className = isBad ? 'bad' : '';
}

function chosen() {
  return state.services.find((one) => one.name === state.chosen);
}

// A card stays while its service does, so that neither focus nor selection is lost.
function card(name) {
  if (cards.has(name)) return cards.get(name);
  const title = element('h3', {text: name});
  const spark = element('div', {class: 'spark'});
  const list = element('dl');
  const instances = element('ul', {class: 'instances'});
  const buttons = element('div', {class: 'buttons'});
  for (const [what, label] of Object.entries(LABELS)) {
    const button = element('button', {text: label, type: 'button', 'aria-label': `${label}: ${name}`});
    button.addEventListener('click', () => attempt(what, name));
    buttons.append(button);
  }
  const box = element('article', {tabindex: '0', 'data-service': name}, title, spark, list, instances, buttons);
  box.addEventListener('focusin', () => choose(name));
  cards.set(name, {box, spark, list, instances});
  return cards.get(name);
}

function choose(name) {
  state.chosen = name;
  for (const [other, {box}] of cards) box.classList.toggle('chosen', other === name);
}

function showService(service) {
  const {spark, list, instances} = card(service.name);
  spark.replaceChildren(sparkline(service.history));
  list.replaceChildren(...figures(service).map(([name, value, isBad]) =>
    element('div', {class: isBad ? 'bad' : ''}, element('dt', {text: name}), element('dd', {text: value}))));
  instances.replaceChildren(...service.instances.map(instanceLine));
}

function showServices(services) {
  state.services = services;
  const names = services.map((one) => one.name);
  for (const [name, {box}] of cards) {
    if (!names.includes(name)) {
      box.remove();
      cards.delete(name);
    }
  }
  for (const service of services) showService(service);
  names.forEach((name, index) => {
    const there = byId('services').children[index];
    if (there !== cards.get(name).box) byId('services').insertBefore(cards.get(name).box, there ?? null);
  });
  if (!names.includes(state.chosen)) choose(names[0] ?? '');
}

function showAction(action) {
  byId('action').hidden = action === null;
  if (action === null) return;
  const outcome = {null: 'under way', 0: 'done'}[action.status] ?? `failed with ${action.status}`;
  byId('action-command').textContent = `${action.command} (${outcome})`;
  byId('action-command').className = action.status ? 'bad' : '';
  byId('action-output').textContent = action.output;
}

function show({at, look, problem, action}) {
  showAction(action);
  if (problem !== undefined) {
    say(problem, true);
    return;
  }
  say(`As of ${clock(at)}`);
  byId('where').textContent = `${look.url}/, disk ${Math.round(look.disk_used * 100)} % full`;
  byId('upgrade').textContent = look.upgrade || 'No upgrade is under way.';
  byId('abort').hidden = !look.upgrade;
  byId('troubles').replaceChildren(...look.troubles.map((text) => element('li', {text, class: 'bad'})));
  showServices(look.services);
  const done = look.care.toReversed().map(careLine);
  byId('care').replaceChildren(...(done.length ? done : [element('li', {text: 'Nothing yet.'})]));
}

async function renew() {
  try {
    const answer = await fetch('/status/look', {cache: 'no-store'});
    const told = await answer.json();
    if (answer.ok) show(told);
    else say(told.error, true);
  } catch {
    say('The platform does not answer. It is asked again.', true);
  }
}

// Nobody looks at a page that is hidden, so nothing is asked for it.
async function watch() {
  if (!document.hidden) await renew();
  setTimeout(watch, PERIOD_MS);
}

function confirmed(text) {
  const dialog = byId('ask');
  byId('ask-text').textContent = text;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), {once: true});
  });
}

async function call(what, body) {
  if (!(await confirmed(`${what}?`))) return;
  const answer = await fetch('/status/do', {
    method: 'POST',
    headers: {'Content-Type': 'application/json', 'X-Status': 'page'},
    body: JSON.stringify(body),
  });
  if (!answer.ok) say((await answer.json()).error, true);
  else await renew();
}

async function showLogs(name) {
  const answer = await fetch(`/status/logs?name=${encodeURIComponent(name)}`);
  byId('logs-title').textContent = `Logs of ${name}`;
  byId('logs-text').textContent = answer.ok ? await answer.text() : (await answer.json()).error;
  byId('logs').hidden = false;
  byId('logs').scrollIntoView();
  byId('logs-text').scrollTop = byId('logs-text').scrollHeight;
}

async function act(what, name) {
  choose(name);
  const number = chosen()?.instances.length ?? 0;
  if (what === 'abort') await call('Abort the upgrade that is under way', {do: 'abort'});
  else if (!name) return;
  else if (what === 'logs') await showLogs(name);
  else if (what === 'roll') await call(`Roll ${name} to its newest release`, {do: 'roll', service: name});
  else if (what === 'rollback') await call(`Roll ${name} back`, {do: 'rollback', service: name});
  else await scale(name, number + (what === 'more' ? 1 : -1));
}

function attempt(what, name) {
  act(what, name).catch(() => say('The platform does not answer.', true));
}

async function scale(name, instances) {
  if (instances < 1) say('The last instance stays. To stop it: mfkill', true);
  else await call(`Have ${instances} of ${name}`, {do: 'scale', service: name, instances});
}

document.addEventListener('keydown', (event) => {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !byId('ask').open;
  if (isPlain && KEYS[event.key]) {
    event.preventDefault();
    attempt(KEYS[event.key], state.chosen);
  }
});
byId('abort').addEventListener('click', () => attempt('abort', state.chosen));
document.addEventListener('visibilitychange', () => document.hidden || renew());
watch();
