// On a phone that keeps Today: starts the worker that does it (web/van_worker.js), and sends what was pressed on Today
// and its jobs, at once or when there is reception again (web/dashboard/presses.py).
const WORKER = "/dashboard/worker.js";
const PRESSES = "/dashboard/you/in-the-van/presses";
const PATIENCE_MS = 8_000;
const BUTTON = /^\/dashboard\/bookings\/([-0-9a-f]{36})\/(on-my-way|done|notes)$/;
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

async function waiting() {
  const all = await done((await presses()).getAll());
  return all.sort((one, other) => one.at - other.at);
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

// Each is taken off only once the server says that it has dealt with it; its key sees to it that it does so once.
async function send() {
  let sent = 0;
  await navigator.locks.request("van", async () => {
    for (const press of await waiting()) {
      if (!(await isDealtWith(press))) break;
      await done((await presses("readwrite")).delete(press.form_key));
      sent += 1;
    }
  });
  const left = await waiting();
  show(left);
  const isTyping = [...document.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);
  if (sent && !isTyping) location.replace(location.pathname); // it says what came of them
}

async function isDealtWith({ at, who, ...press }) {
  const body = new URLSearchParams({ ...press, waited: Math.max(0, Math.round((Date.now() - at) / 1000)) });
  // The page may be an old copy: the cookie has the token that holds now.
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
  const headers = { "X-CSRFToken": token, Accept: "application/json" };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(PRESSES, { method: "POST", body, headers, redirect: "manual", signal }).catch(() => null);
  return answer?.status === 204;
}

function show(left) {
  const notice = document.getElementById("waiting");
  const clock = new Intl.DateTimeFormat("en-AU", { hour: "numeric", minute: "2-digit" });
  const list = notice.querySelector("ul") ?? notice.appendChild(document.createElement("ul"));
  list.replaceChildren(
    ...left.map(({ what, who, at }) =>
      Object.assign(document.createElement("li"), { textContent: `${WORDS[what]}: ${who}, ${clock.format(at)}` }),
    ),
  );
  notice.hidden = !left.length;
}

if ("serviceWorker" in navigator) {
  start().catch(() => {}); // without reception it runs as it is
  const sendAgain = () => send().catch(() => {});
  addEventListener("online", sendAgain);
  document.addEventListener("visibilitychange", () => document.hidden || sendAgain());
  sendAgain();
}
