/*
 * Keeps the page current, searches as one types, and moves by keys. The page works without it: whatever is shown comes from the
 * server, this file only puts newer parts in the place of older ones.
 */

const field = document.querySelector('#q');
const live = () => document.querySelector('#live');

/* Attributes that are the visitor's, or this script's. */
const OURS = new Set(['open', 'hidden']);

function copyAttributes(from, to) {
  for (const { name } of [...to.attributes]) {
    if (!from.hasAttribute(name) && !OURS.has(name)) to.removeAttribute(name);
  }
  for (const { name, value } of from.attributes) {
    if (!OURS.has(name) && to.getAttribute(name) !== value) to.setAttribute(name, value);
  }
}

/** Whether one element is the next state of the other. */
function isSame(one, other) {
  return (
    one.nodeType === other.nodeType && one.nodeName === other.nodeName && (one.id ?? '') === (other.id ?? '')
  );
}

/** Makes `old` look like `next` and keeps each element that stays: focus, selection and opened details stay with it. */
function renew(old, next) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  if (old.id === 'connection' || old.isEqualNode(next)) return;
  copyAttributes(next, old);
  const named = new Map([...old.children].filter(({ id }) => id !== '').map((child) => [child.id, child]));
  let place = old.firstChild;
  for (const child of [...next.childNodes]) {
    const known = child.id ? named.get(child.id) : place;
    if (known && isSame(known, child)) {
      if (known === place) place = place.nextSibling;
      // Moving an element takes its focus away, so only what stands elsewhere is moved.
      else old.insertBefore(known, place);
      renew(known, child);
    } else {
      old.insertBefore(document.importNode(child, true), place);
    }
  }
  while (place) {
    const following = place.nextSibling;
    place.remove();
    place = following;
  }
}

/* Search */

const words = () => field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);

function filter() {
  if (!field) return;
  const wanted = words();
  let shown = 0;
  for (const item of document.querySelectorAll('[data-search]')) {
    item.hidden = !wanted.every((word) => item.dataset.search.includes(word));
    if (!item.hidden) shown += 1;
  }
  for (const group of document.querySelectorAll('.group')) {
    group.hidden = group.querySelector('[data-search]:not([hidden])') === null;
  }
  const nothing = document.querySelector('#no-match-live');
  if (!nothing) return;
  nothing.hidden = wanted.length === 0 || shown > 0 || document.querySelector('#no-match') !== null;
  nothing.textContent = nothing.dataset.text.replace('{}', field.value.trim());
}

/* Keys */

const links = () => [...document.querySelectorAll('.card:not([hidden]) .go')];

/** The link nearest in a direction, as the cards stand on the screen. */
function nearest(from, key) {
  const here = from.closest('.card').getBoundingClientRect();
  const sideways = key === 'ArrowLeft' || key === 'ArrowRight';
  const sign = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : -1;
  let best;
  for (const link of links()) {
    const there = link.closest('.card').getBoundingClientRect();
    const along = sign * (sideways ? there.left - here.left : there.top - here.top);
    const across = Math.abs(sideways ? there.top - here.top : there.left - here.left);
    if (along <= 1 || (sideways && across > 1)) continue;
    const far = along + 4 * across;
    if (!best || far < best.far) best = { link, far };
  }
  return best?.link;
}

const ARROWS = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']);

function clearSearch() {
  field.value = '';
  filter();
}

function onFieldKey(event) {
  if (event.key === 'Escape') {
    if (field.value === '') field.blur();
    else clearSearch();
  } else if (event.key === 'ArrowDown') links()[0]?.focus();
  else if (event.key === 'Enter' && words().length > 0 && links().length > 0) links()[0].click();
  else return;
  event.preventDefault();
}

function onPageKey(event) {
  const link = event.target.closest?.('.go');
  if (event.key === '/') {
    field.focus();
    field.select();
  } else if (event.key === 'Escape') clearSearch();
  else if (link && ARROWS.has(event.key)) {
    const next = nearest(link, event.key);
    if (next) next.focus();
    else if (event.key === 'ArrowUp') field.focus();
  } else if (event.target === document.body && event.key === 'ArrowDown' && window.scrollY === 0) {
    links()[0]?.focus();
  } else return;
  event.preventDefault();
}

function onKey(event) {
  if (!field || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target === field) onFieldKey(event);
  else onPageKey(event);
}

/* Changes */

/** The page without its search: all of it is here, and hidden where it does not match. */
function whole() {
  const address = new URL(location.href);
  address.searchParams.delete('q');
  address.hash = '';
  return address;
}

function tell(isLost) {
  const place = document.querySelector('#connection');
  if (!place) return;
  const text = isLost ? place.dataset.lost : place.dataset.live;
  if (place.textContent !== text) place.textContent = text;
  place.classList.toggle('is-lost', isLost);
  live()?.classList.toggle('is-old', isLost || live().dataset.old === 'true');
}

/* One look at a time; what comes meanwhile is looked at once, afterwards. */
let isLooking = false;
let isBehind = false;

async function look() {
  if (isLooking) {
    isBehind = true;
    return;
  }
  isLooking = true;
  try {
    const answer = await fetch(whole(), { headers: { Accept: 'text/html' } });
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#live');
    if (answer.ok && next && live()) {
      renew(live(), next);
      filter();
      tell(false);
    }
  } catch {
    tell(true);
  }
  isLooking = false;
  if (isBehind) {
    isBehind = false;
    soon();
  }
}

let timer;
/** Changes come in bursts. */
function soon() {
  clearTimeout(timer);
  timer = setTimeout(look, 150);
}

function follow() {
  if (!live()) return;
  const source = new EventSource('/api/events');
  source.addEventListener('snapshot', ({ lastEventId, data }) => {
    const isNews = String(JSON.parse(data).revision) !== live().dataset.revision;
    if (isNews || lastEventId === '') soon();
    else tell(false);
  });
  source.addEventListener('change', soon);
  source.addEventListener('error', () => tell(true));
  source.addEventListener('open', () => tell(false));
  // Ages grow without any event.
  setInterval(() => document.visibilityState === 'visible' && look(), 30_000);
}

field?.addEventListener('input', filter);
field?.form.addEventListener('submit', (event) => event.preventDefault());
document.addEventListener('keydown', onKey);
if (field?.value) look();
follow();
