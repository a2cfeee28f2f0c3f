// In the van: asks the browser for what we reach it by, once somebody presses the button, and sends that with the form.
const form = document.getElementById("phone-on");
const off = document.getElementById("phone-off");
const mine = async () => (await navigator.serviceWorker.ready).pushManager;
const say = (id) => {
  for (const words of document.querySelectorAll("[data-phone]")) words.hidden = words.id !== id;
};

async function subscribed() {
  const pushes = await mine();
  await (await pushes.getSubscription())?.unsubscribe(); // one of another time, or for another key
  return pushes.subscribe({ userVisibleOnly: true, applicationServerKey: form.dataset.key });
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!("PushManager" in window && "Notification" in window)) return say("phone-cannot");
  if ((await Notification.requestPermission()) !== "granted") return say("phone-denied");
  say("phone-asks");
  try {
    const { endpoint, keys } = (await subscribed()).toJSON();
    Object.entries({ endpoint, ...keys }).forEach(([name, value]) => (form.elements[name].value = value));
  } catch {
    return say("phone-unreached");
  }
  form.submit();
});

off?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const subscription = await (await mine()).getSubscription().catch(() => null);
  await subscription?.unsubscribe().catch(() => {});
  off.submit();
});

// Browsers drop it by themselves now and then, and somebody may have taken the permission back.
if (off && "PushManager" in window) {
  const subscription = await (await mine()).getSubscription();
  if (!subscription || Notification.permission !== "granted") say("phone-dropped");
}
