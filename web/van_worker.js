// Keeps Today and its jobs on a phone whose owner asked for that, and shows them when there is no reception.
const KEPT = "van-1"; // another name forgets all that an earlier version kept
const TODAY = "/dashboard/";
const AS_OF = 'id="as-of"'; // a page that can say from when it is may be kept
const WHAT_WAS_SAID = /<div class="notices"[^]*?<\/div>/; // of a button pressed back then
const PATIENCE_MS = 8_000; // with a copy at hand nobody waits longer
const A_DAY_MS = 24 * 60 * 60 * 1000;
const FRESH_MS = 10 * 60 * 1000;
const MOST_JOBS = 12;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("message", (event) => event.waitUntil(fetchAndKeep(TODAY)));
addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (mode === "navigate" && !/\.\w+$/.test(pathname)) event.respondWith(page(event, pathname));
  else if (pathname.startsWith("/static/")) event.respondWith(file(event.request));
});

addEventListener("push", (event) => {
  const { text, url, tag } = event.data.json();
  const said = { tag, renotify: true, data: url, lang: "en-AU" }; // of one booking the last word alone stays
  event.waitUntil(registration.showNotification(text, said));
});
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage(event.notification.data));
});

// A page that is open may have half a note in it: it is left as it is.
async function openPage(url) {
  const pages = await clients.matchAll({ type: "window" });
  const there = pages.find((page) => page.url === url);
  return there ? there.focus() : clients.openWindow(url);
}

async function takeOver() {
  for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
  await clients.claim();
}

async function page(event, path) {
  const copy = await copyOf(path);
  const answer = fetch(event.request);
  try {
    const fresh = await (copy ? Promise.race([answer, tooLong()]) : answer);
    if (isKept(path)) event.waitUntil(keep(path, fresh.clone()));
    return fresh;
  } catch {
    answer.catch(() => {});
    return copy ? asOf(copy) : nothingKept();
  }
}

const tooLong = () => new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));

const isKept = (path) => path === TODAY || /^\/dashboard\/bookings\/[-0-9a-f]{36}$/.test(path);

async function file(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request)) ?? Response.error();
  }
}

const ageOf = (answer) => Date.now() - Date.parse(answer.headers.get("Date"));

async function copyOf(path) {
  const copy = await caches.match(path);
  return copy && ageOf(copy) < A_DAY_MS ? copy : null;
}

async function asOf(copy) {
  const text = (await copy.text()).replace(`${AS_OF} hidden`, AS_OF).replace(WHAT_WAS_SAID, "");
  return new Response(text, { headers: copy.headers });
}

function nothingKept() {
  const said =
    `<!doctype html><html lang="en-AU"><meta name="viewport" content="width=device-width"><title>No reception</title>` +
    `<h1>No reception</h1><p>This page isn’t kept on your phone. <a href="${TODAY}">Today and its jobs</a> are.</p></html>`;
  return new Response(said, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

// Whoever may not see the page any more (signed out, gone from the business) has no copy of anything.
async function keep(path, answer) {
  if (answer.status >= 500) return;
  const text = answer.ok ? await answer.clone().text() : "";
  if (!text.includes(AS_OF)) return caches.delete(KEPT);
  const kept = await caches.open(KEPT);
  await kept.put(path, answer);
  await keepFiles(kept, text);
  if (path === TODAY) await keepJobs(kept, text);
}

async function keepFiles(kept, text) {
  for (const [, path] of text.matchAll(/"(\/static\/[^"#]+)/g)) {
    if (!(await kept.match(path))) await kept.add(path).catch(() => {});
  }
}

async function keepJobs(kept, text) {
  const found = new Set([...text.matchAll(/"(\/dashboard\/bookings\/[-0-9a-f]{36})"/g)].map(([, path]) => path));
  const jobs = [...found].slice(0, MOST_JOBS);
  for (const { url } of await kept.keys()) {
    const { pathname } = new URL(url);
    if (pathname.startsWith("/dashboard/bookings/") && !jobs.includes(pathname)) await kept.delete(url);
  }
  for (const job of jobs) {
    const copy = await kept.match(job);
    if (!copy || ageOf(copy) > FRESH_MS) await fetchAndKeep(job);
  }
}

async function fetchAndKeep(path) {
  const answer = await fetch(path, { redirect: "manual", headers: { "X-Purpose": "keep" } }).catch(() => null);
  if (answer) await keep(path, answer);
}
