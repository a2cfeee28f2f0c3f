// The card form of a page with something to pay: Stripe's Payment Element, loaded from Stripe. Once the card is taken
// the form is sent, and the server asks Stripe.
const form = document.querySelector("[data-pay]");
const [box, loading, problem, again] = ["card", "loading", "problem", "again"].map((name) =>
  form.querySelector(`[data-${name}]`),
);
const button = form.querySelector("button:not([type])");
const LOST = "We lost contact with the card service. It’s safe to try again: you can’t be charged twice.";
const NOT_LOADED = "We couldn’t load the secure card form. Check your connection, then try again.";
let stripe = null;
let elements = null;

function say(words) {
  problem.hidden = !words;
  problem.textContent = words;
}

function loadStripe() {
  if (window.Stripe) return Promise.resolve(window.Stripe);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = form.dataset.stripe;
    script.onload = () => (window.Stripe ? resolve(window.Stripe) : reject(new Error(NOT_LOADED)));
    script.onerror = () => reject(new Error(NOT_LOADED));
    document.head.append(script);
  });
}

async function secret() {
  const body = new URLSearchParams({ card_form: "1" });
  const answer = await fetch(window.location.pathname, { method: "POST", credentials: "omit", body });
  const told = await answer.json();
  // Whatever it is that can't be paid any more, the page as it stands now says so.
  if (answer.status === 409) window.location.reload();
  if (!answer.ok) throw new Error(told.message);
  return told;
}

function appearance() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return {
    theme: style.colorScheme === "dark" ? "night" : "stripe",
    variables: {
      colorPrimary: value("--brand"),
      colorText: value("--ink"),
      colorBackground: value("--card"),
      colorDanger: value("--danger"),
      fontSizeBase: "16px",
    },
  };
}

async function show() {
  say("");
  again.hidden = true;
  loading.hidden = false;
  try {
    const [Stripe, { publishable_key, account, client_secret }] = await Promise.all([loadStripe(), secret()]);
    stripe = Stripe(publishable_key, { stripeAccount: account, locale: "en-AU" });
    elements = stripe.elements({ clientSecret: client_secret, appearance: appearance() });
    const element = elements.create("payment", { layout: "tabs" });
    await new Promise((resolve, reject) => {
      element.on("ready", resolve);
      element.on("loaderror", () => reject(new Error(NOT_LOADED)));
      element.mount(box);
    });
    button.disabled = false;
  } catch (error) {
    say(error instanceof TypeError ? NOT_LOADED : error.message);
    again.hidden = false;
  }
  loading.hidden = true;
}

async function pay(event) {
  event.preventDefault();
  if (button.disabled) return;
  const words = button.textContent;
  button.disabled = true;
  button.textContent = "Paying…";
  say("");
  const confirmParams = { return_url: window.location.href };
  const { error, paymentIntent } = await stripe
    .confirmPayment({ elements, redirect: "if_required", confirmParams })
    .catch(() => ({ error: { type: "api_connection_error" } }));
  const status = (paymentIntent || (error && error.payment_intent) || {}).status;
  if (status === "succeeded" || status === "processing") {
    form.submit();
    return;
  }
  button.disabled = false;
  button.textContent = words;
  if (error && error.type !== "validation_error") say((error.type === "card_error" && error.message) || LOST);
  else if (!error) say("The payment didn’t go through. Try another card.");
}

form.hidden = false;
form.addEventListener("submit", pay);
again.addEventListener("click", show);
show();
