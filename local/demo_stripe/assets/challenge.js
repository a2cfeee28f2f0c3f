// The bank's 3-D Secure page: opened by stripe.js in an overlay, or on its own where a redirect was asked for.
// The address carries #CLIENT_SECRET/ACCOUNT: a fragment is sent to no server.

const [clientSecret, account] = location.hash.slice(1).split("/");
const intent = clientSecret.split("_secret_")[0];
const kind = intent.startsWith("seti_") ? "setup_intents" : "payment_intents";
const buttons = document.querySelectorAll("button");

async function answer(passed) {
  buttons.forEach((button) => (button.disabled = true));
  const key = new URLSearchParams(location.search).get("key") || "";
  const form = new URLSearchParams({ key, client_secret: clientSecret, passed });
  if (account) form.set("_stripe_account", account);
  try {
    await fetch(`/_demo/${kind}/${encodeURIComponent(intent)}/authenticate`, { method: "POST", body: form });
    window.parent.postMessage("demo-stripe-challenge-done", "*"); // says only that it is over: stripe.js asks how
  } catch {
    document.querySelector(".problem").textContent = "The demo Stripe can’t be reached. Try again.";
    buttons.forEach((button) => (button.disabled = false));
  }
}

buttons.forEach((button) => button.addEventListener("click", () => answer(button.dataset.passed)));
buttons[0].focus();
