// On a phone that keeps Today: starts the worker that does it (web/van_worker.js), and sends what was pressed on Today
// and its jobs, at once or when there is reception again (web/dashboard/presses.py).
const WORKER = "/dashboard/worker.js";
const PRESSES = "/dashboard/you/in-the-van/presses";
const PATIENCE_MS = 8_000;
const BUTTON = /^\/dashboard\/bookings\/([-0-9a-f]{36})\/(on-my-way|done|notes)$/;
const AGAIN = [401, 403, 408, 425, 429]; // signed out, an old token, too much at once: the same is taken later
const WORDS = { "on-my-way": "On my way", done: "Done", notes: "Notes" };
const trusted = window.trustedTypes?.createPolicy("van", { createScriptURL: () => WORKER });

async function start() {
  const isNew = !navigator.serviceWorker.controller;
  await navigator.serviceWorker.register(trusted ? trusted.createScriptURL("") : WORKER, { scope: "/dashboard/" });
  const { active } = await navigator.serviceWorker.ready;
  if (isNew) active.postMessage("keep"); // this page came before there was a worker to see it
}

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

// The presses on this phone that are not sent yet, by their keys.
async function presses(mode = "readonly") {
  const opening = indexedDB.open("van", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("presses", { keyPath: "form_key" });
  return (await done(opening)).transaction("presses", mode).objectStore("presses");
}

// `refused`: those that the server won't have, which wait for their owner to read that.
async function waiting(refused = false) {
  const all = await done((await presses()).getAll());
  return all.filter((press) => Boolean(press.refused) === refused).sort((one, other) => one.at - other.at);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const [, booking, what] = BUTTON.exec(new URL(form.action).pathname) ?? [];
  if (!booking) return;
  event.preventDefault();
  const notes = form.elements.tradie_notes;
  const who = form.closest(".next, .job")?.querySelector(".next__who, .job__who") ?? document.querySelector("h1");
  const press = {
    ...{ form_key: crypto.randomUUID(), booking, what, at: Date.now(), who: who.textContent.trim() },
    ...{ tradie_notes: notes?.value ?? "", was: notes?.defaultValue ?? "" },
  };
  try {
    await done((await presses("readwrite")).put(press));
  } catch {
    form.submit(); // a phone that keeps nothing: as without a script
    return;
  }
  if (notes) notes.defaultValue = notes.value;
  await send();
});

// Each is taken off only once the server says that it has dealt with it; its key sees to it that it does so once. One
// that the server won't have, or breaks over, holds up none of those behind it.
async function send() {
  let sent = 0;
  await navigator.locks.request("van", async () => {
    for (const press of await waiting()) {
      const status = await answerTo(press);
      if (status === 204) {
        await done((await presses("readwrite")).delete(press.form_key));
        sent += 1;
      } else if (status >= 400 && status < 500 && !AGAIN.includes(status)) {
        await done((await presses("readwrite")).put({ ...press, refused: true }));
      } else if (status !== 500) break;
    }
  });
  show("waiting", await waiting());
  show("refused", await waiting(true));
  const isTyping = [...document.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);
  if (sent && !isTyping) location.replace(location.pathname); // it says what came of them
}

// A number; 0: nobody hears us, or wants us to sign in first.
async function answerTo({ at, who, ...press }) {
  const body = new URLSearchParams({ ...press, waited: Math.max(0, Math.round((Date.now() - at) / 1000)) });
  // The page may be an old copy: the cookie has the token that holds now.
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
  const headers = { "X-CSRFToken": token, Accept: "application/json" };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(PRESSES, { method: "POST", body, headers, redirect: "manual", signal }).catch(() => null);
  return answer?.status ?? 0;
}

function show(id, found) {
  const notice = document.getElementById(id);
  if (!notice) return; // a page without such a list
  const list = notice.querySelector("ul") ?? document.createElement("ul");
  list.replaceChildren(...found.map(line));
  notice.querySelector("p").after(list);
  notice.hidden = !found.length;
}

function line({ what, who, at, booking, tradie_notes, refused }) {
  const clock = new Intl.DateTimeFormat("en-AU", { hour: "numeric", minute: "2-digit" });
  const said = `${WORDS[what]}: ${who}, ${clock.format(at)}`;
  const item = document.createElement("li");
  if (!refused) return Object.assign(item, { textContent: said });
  const link = document.createElement("a");
  item.append(Object.assign(link, { href: `/dashboard/bookings/${booking}`, textContent: said }));
  if (tradie_notes) item.append(`: “${tradie_notes}”`);
  return item;
}

async function forget() {
  for (const { form_key } of await waiting(true)) await done((await presses("readwrite")).delete(form_key));
  show("refused", []);
}

if ("serviceWorker" in navigator) {
  start().catch(() => {}); // without reception it runs as it is
  const sendAgain = () => send().catch(() => {});
  addEventListener("online", sendAgain);
  document.getElementById("forget")?.addEventListener("click", forget);
  document.addEventListener("visibilitychange", () => document.hidden || sendAgain());
  sendAgain();
}
