// The card fields, in a frame of the demo's own origin: what is typed here never reaches the page around it.
// The page (stripe.js) talks to this frame through one MessagePort, handed over once when the frame has loaded.

const inputs = {
  number: document.getElementById("number"),
  expiry: document.getElementById("expiry"),
  cvc: document.getElementById("cvc"),
};
const digits = (input) => input.value.replace(/\D/g, "");
let port = null;

// ---- what was typed

function luhn(number) {
  const sum = [...number].reverse().reduce((total, character, place) => {
    const doubled = Number(character) * (place % 2 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

function expiry() {
  const [month = "", year = ""] = inputs.expiry.value.split("/").map((part) => part.trim());
  return { month: Number(month), year: Number(year) + (year.length === 2 ? 2000 : 0), complete: /^\d{2}$|^\d{4}$/.test(year) };
}

function numberProblem() {
  const number = digits(inputs.number);
  if (number.length < 16) return ["incomplete_number", "Your card number is incomplete."];
  return luhn(number) ? null : ["invalid_number", "Your card number is invalid."];
}

function expiryProblem() {
  const { month, year, complete } = expiry();
  if (!complete || !month) return ["incomplete_expiry", "Your card’s expiry date is incomplete."];
  if (month > 12) return ["invalid_expiry_month", "Your card’s expiry month is invalid."];
  const today = new Date();
  const past = year * 12 + month < today.getFullYear() * 12 + today.getMonth() + 1;
  return past ? ["invalid_expiry_year_past", "Your card’s expiry date is in the past."] : null;
}

function cvcProblem() {
  return digits(inputs.cvc).length < 3 ? ["incomplete_cvc", "Your card’s security code is incomplete."] : null;
}

const problemOf = { number: numberProblem, expiry: expiryProblem, cvc: cvcProblem };
const firstProblem = () => Object.keys(inputs).map((name) => problemOf[name]()).find(Boolean) || null;

function show(name, problem) {
  inputs[name].setAttribute("aria-invalid", String(Boolean(problem)));
  document.getElementById(`${name}-problem`).textContent = problem ? problem[1] : "";
}

function showAll() {
  const wrong = Object.keys(inputs).filter((name) => problemOf[name]());
  Object.keys(inputs).forEach((name) => show(name, problemOf[name]()));
  if (wrong.length) inputs[wrong[0]].focus();
}

// ---- typing

function formatNumber() {
  const number = digits(inputs.number).slice(0, 19);
  inputs.number.value = number.replace(/(\d{4})(?=\d)/g, "$1 ");
}

function formatExpiry(event) {
  const text = digits(inputs.expiry).slice(0, 6);
  const deleting = event.inputType && event.inputType.startsWith("delete");
  if (text.length > 2 || (text.length === 2 && !deleting)) inputs.expiry.value = `${text.slice(0, 2)} / ${text.slice(2)}`;
  else if (deleting) inputs.expiry.value = text;
}

function tellChange() {
  const problem = firstProblem();
  const empty = Object.values(inputs).every((input) => !input.value);
  tell("change", { complete: !problem, empty, collapsed: false, value: { type: "card" } });
}

inputs.number.addEventListener("input", formatNumber);
inputs.expiry.addEventListener("input", formatExpiry);
for (const [name, input] of Object.entries(inputs)) {
  input.addEventListener("input", () => {
    show(name, null); // nobody is told off while still typing
    tellChange();
  });
  input.addEventListener("blur", () => {
    if (input.value) show(name, problemOf[name]());
  });
  input.addEventListener("focus", () => tell("focus", {}));
  input.addEventListener("keydown", (event) => event.key === "Escape" && tell("escape", {}));
}
document.addEventListener("focusout", (event) => event.relatedTarget || tell("blur", {}));
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());

// ---- the page around the frame

function tell(event, details) {
  if (port) port.postMessage({ event, details });
}

const commands = {
  validate() {
    const problem = firstProblem();
    showAll();
    return problem ? { type: "validation_error", code: problem[0], message: problem[1] } : null;
  },
  focus: () => inputs.number.focus(),
  blur: () => document.activeElement.blur(),
  clear() {
    Object.values(inputs).forEach((input) => (input.value = ""));
    tellChange();
  },
  look: ({ variables = {} }) => setLook(variables),
  confirm,
};

function setLook(variables) {
  const names = {
    colorText: "--text", colorBackground: "--background", colorPrimary: "--primary", colorDanger: "--danger",
    borderRadius: "--radius", fontFamily: "--font", fontSizeBase: "--size",
  };
  for (const [name, property] of Object.entries(names)) {
    if (variables[name]) document.documentElement.style.setProperty(property, variables[name]);
  }
}

async function confirm({ kind, intent, clientSecret, key, account, returnUrl, billingDetails }) {
  const { month, year } = expiry();
  const form = new URLSearchParams({
    key,
    client_secret: clientSecret,
    use_stripe_sdk: "true",
    expected_payment_method_type: "card",
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": digits(inputs.number),
    "payment_method_data[card][exp_month]": String(month),
    "payment_method_data[card][exp_year]": String(year),
    "payment_method_data[card][cvc]": digits(inputs.cvc),
  });
  if (account) form.set("_stripe_account", account);
  if (returnUrl) form.set("return_url", returnUrl);
  for (const [name, value] of Object.entries(billingDetails || {})) {
    if (typeof value === "string" && value) form.set(`payment_method_data[billing_details][${name}]`, value);
  }
  const answer = await fetch(`/v1/${kind}/${encodeURIComponent(intent)}/confirm`, { method: "POST", body: form });
  return answer.json();
}

window.addEventListener("message", (event) => {
  if (port || event.source !== window.parent || event.data !== "demo-stripe" || !event.ports[0]) return;
  port = event.ports[0];
  port.onmessage = async ({ data: { id, command, details } }) => {
    try {
      port.postMessage({ id, result: await commands[command](details || {}) });
    } catch {
      port.postMessage({ id, failed: true });
    }
  };
  const all = document.querySelector("section");
  new ResizeObserver(() => tell("height", Math.ceil(all.getBoundingClientRect().height) + 8)).observe(all);
  tell("ready", {});
});
