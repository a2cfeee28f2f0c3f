// On a phone that keeps Today: starts the worker that does it (web/van_worker.js).
const WORKER = "/dashboard/worker.js";
const trusted = window.trustedTypes?.createPolicy("van", { createScriptURL: () => WORKER });

async function start() {
  const isNew = !navigator.serviceWorker.controller;
  await navigator.serviceWorker.register(trusted ? trusted.createScriptURL("") : WORKER, { scope: "/dashboard/" });
  const { active } = await navigator.serviceWorker.ready;
  if (isNew) active.postMessage("keep"); // this page came before there was a worker to see it
}

if ("serviceWorker" in navigator) start().catch(() => {}); // without reception it runs as it is
