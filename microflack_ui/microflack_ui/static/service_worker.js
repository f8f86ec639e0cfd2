// What the browser runs beside the pages: it shows the page where there is no
// connection, and tells of messages while no page is open.
//
// It belongs to a version of the page, whose files it keeps, and takes the place of that
// of the version before. It gets on with pages of any version: what it does not keep, it
// fetches, and it takes the server's page whenever that answers.

const BASE = location.pathname.replace(/\/[^/]*$/, "");
const PREFIX = "microflack.";
const KEPT = `${PREFIX}${BASE}`;
const PAGE = /^\/(?:rooms\/\d+(?:\/messages\/\d+)?)?$/;
// What the page needs to be shown: not what is only for installing it.
const FILES = /(?:href|src)="([^"]+\.(?:css|js|mjs|svg))"/g;

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(keepPage());
});

addEventListener("activate", (event) => event.waitUntil(takeOver()));

addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (mode === "navigate" && PAGE.test(pathname)) event.respondWith(pageFor(event));
  else if (pathname.startsWith(`${BASE}/`)) event.respondWith(fileFor(event.request));
});

addEventListener("push", (event) => event.waitUntil(tell(event.data.json())));

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data));
});

// All or nothing, mostly from what the browser has: the page was loaded just now.
async function keepPage() {
  const page = (await ownPage("force-cache")) ?? (await ownPage("no-cache"));
  if (!page) throw new Error("The server answers with another version of the page.");
  const text = await page.clone().text();
  const cache = await caches.open(KEPT);
  await cache.addAll([...text.matchAll(FILES)].map(([, url]) => url));
  await cache.put("/", page);
}

async function ownPage(cache) {
  const page = await fetch("/", { cache });
  const isOwn = page.ok && (await page.clone().text()).includes(`"${BASE}/`);
  return isOwn ? page : null;
}

async function takeOver() {
  for (const name of await caches.keys())
    if (name.startsWith(PREFIX) && name !== KEPT) await caches.delete(name);
  // The server is asked while this starts.
  await registration.navigationPreload?.enable();
  await clients.claim();
}

async function pageFor(event) {
  const answer = await (event.preloadResponse ?? Promise.resolve())
    .then((response) => response ?? fetch(event.request))
    .catch(() => null);
  if (answer && answer.status < 500) return answer;
  return (await kept("/")) ?? answer ?? Response.error();
}

async function fileFor(request) {
  return (await kept(request)) ?? fetch(request);
}

async function kept(request) {
  const cache = await caches.open(KEPT);
  return cache.match(request, { ignoreVary: true });
}

// Names are those of the messages service. `author`, `room` and `text` are there only if
// somebody wants that.
async function tell({ room_id: roomId, message_id: messageId, kind, ...said }) {
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const isSeen = pages.some((page) => page.visibilityState === "visible");
  // A page that is open in the background tells of it under the same tag.
  const tag = `message-${messageId}`;
  await registration.showNotification(titleOf(kind, said), {
    body: said.text ?? "",
    icon: `${BASE}/icon-192.png`,
    tag,
    silent: isSeen,
    data: { roomId, messageId },
  });
  if (!isSeen) return;
  // Who looks at a page sees it there. Yet browsers want each push to be shown: Safari
  // ends a subscription for three that are not.
  for (const one of await registration.getNotifications({ tag })) one.close();
}

function titleOf(kind, { author, room }) {
  if (author) return room ? `${author} · ${room}` : author;
  return kind === "direct" ? "New direct message" : "You were mentioned";
}

async function show(place) {
  const [page] = await clients.matchAll({ type: "window" });
  if (!page) {
    await clients.openWindow(`/rooms/${place.roomId}/messages/${place.messageId}`);
    return;
  }
  page.postMessage(place);
  await page.focus();
}
