// A stand-in for Stripe.js, for development and tests: the Payment Element and the calls around it.
//
//   const stripe = Stripe("pk_test_demo", { stripeAccount: "acct_demo_joe" });
//   const elements = stripe.elements({ clientSecret, appearance });
//   elements.create("payment").mount("#card");
//   const { error, paymentIntent } = await stripe.confirmPayment({ elements, redirect: "if_required" });
//
// It lives under the strictest policy of the page around it: it needs script-src, frame-src and connect-src for its own
// origin only, adds no inline script and no style attribute in markup.

(() => {
  "use strict";
  const ORIGIN = new URL(document.currentScript.src).origin;
  const LOADS_WITHIN = 15_000; // milliseconds

  // ---- the card fields' frame

  class PaymentElement {
    constructor(elements, options = {}) {
      this.elements = elements;
      this.billingDetails = (options.defaultValues || {}).billingDetails || {};
      this.listeners = new Map();
      this.answers = new Map();
      this.calls = 0;
      this.frame = null;
      this.port = null;
      this.isReady = new Promise((resolve) => (this.markReady = resolve));
    }

    mount(target) {
      const place = typeof target === "string" ? document.querySelector(target) : target;
      if (!place) throw new Error(`IntegrationError: the selector you specified (${target}) applies to no DOM elements.`);
      if (this.frame && this.frame.parentNode === place) return;
      this.unmount();
      this.frame = newFrame("Secure card payment input frame (DEMO)", `${ORIGIN}/_demo/card.html`);
      style(this.frame, { width: "100%", height: "230px", border: "0", display: "block", "color-scheme": "light" });
      this.frame.addEventListener("load", () => this.connect());
      place.replaceChildren(this.frame);
      const error = { type: "api_connection_error", message: "The DEMO card form could not be loaded." };
      this.patience = setTimeout(() => this.emit("loaderror", { error }), LOADS_WITHIN);
    }

    connect() {
      const { port1, port2 } = new MessageChannel();
      this.port = port1;
      port1.onmessage = ({ data }) => this.hear(data);
      this.frame.contentWindow.postMessage("demo-stripe", ORIGIN, [port2]);
      this.ask("look", this.elements.options.appearance || {});
    }

    hear({ event, details, id, result, failed }) {
      if (event === "height") style(this.frame, { height: `${details}px` });
      else if (event === "ready") {
        clearTimeout(this.patience);
        this.markReady();
      }
      if (event) {
        this.emit(event, details);
        return;
      }
      const { resolve, reject } = this.answers.get(id);
      this.answers.delete(id);
      if (failed) reject(new Error("no connection"));
      else resolve(result);
    }

    ask(command, details) {
      if (!this.port) return Promise.reject(new Error("IntegrationError: the Payment Element is not mounted."));
      const id = ++this.calls;
      this.port.postMessage({ id, command, details });
      return new Promise((resolve, reject) => this.answers.set(id, { resolve, reject }));
    }

    emit(event, details) {
      if (event === "height") return;
      for (const listener of this.listeners.get(event) || []) listener({ elementType: "payment", ...details });
    }

    on(event, listener) {
      this.listeners.set(event, [...(this.listeners.get(event) || []), listener]);
      return this;
    }

    once(event, listener) {
      const once = (details) => {
        this.off(event, once);
        listener(details);
      };
      return this.on(event, once);
    }

    off(event, listener) {
      const left = (this.listeners.get(event) || []).filter((known) => listener && known !== listener);
      this.listeners.set(event, left);
      return this;
    }

    update() {}

    focus() {
      this.ask("focus");
    }

    blur() {
      this.ask("blur");
    }

    clear() {
      this.ask("clear");
    }

    collapse() {}

    unmount() {
      clearTimeout(this.patience);
      if (this.frame) this.frame.remove();
      if (this.port) this.port.close();
      this.frame = null;
      this.port = null;
      this.isReady = new Promise((resolve) => (this.markReady = resolve));
    }

    destroy() {
      this.unmount();
      this.listeners.clear();
      this.elements.element = null;
    }
  }

  class Elements {
    constructor(options) {
      this.options = options || {};
      this.element = null;
    }

    create(type, options) {
      if (type !== "payment") throw new Error(`IntegrationError: the demo has no "${type}" element.`);
      if (this.element) throw new Error("IntegrationError: Can only create one Element of type payment.");
      this.element = new PaymentElement(this, options);
      return this.element;
    }

    getElement(type) {
      return type === "payment" ? this.element : null;
    }

    update(changes) {
      Object.assign(this.options, changes);
      if (changes.appearance && this.element && this.element.port) this.element.ask("look", changes.appearance);
    }

    async fetchUpdates() {
      return {};
    }

    async submit() {
      if (!this.element) throw new Error("IntegrationError: create and mount a Payment Element first.");
      await this.element.isReady;
      const error = await this.element.ask("validate");
      return error ? { error } : { selectedPaymentMethod: "card" };
    }
  }

  // ---- Stripe(key, options)

  class DemoStripe {
    constructor(key, options = {}) {
      if (!key || key.startsWith("sk_")) throw new Error("IntegrationError: use a publishable key with Stripe.js.");
      if (key.startsWith("pk_live_")) throw new Error("The demo Stripe never takes a live key.");
      this.key = key;
      this.account = options.stripeAccount || "";
    }

    elements(options) {
      return new Elements(options);
    }

    async confirmPayment(options) {
      return this.confirm("paymentIntent", options);
    }

    async confirmSetup(options) {
      return this.confirm("setupIntent", options);
    }

    async confirm(kind, { elements, clientSecret, confirmParams = {}, redirect = "always" }) {
      const secret = clientSecret || elements.options.clientSecret;
      const { error } = await elements.submit();
      if (error) return { error };
      if (redirect !== "if_required" && !confirmParams.return_url) {
        throw new Error("IntegrationError: confirmParams.return_url is required.");
      }
      const data = confirmParams.payment_method_data || {};
      const body = await this.reach(() =>
        elements.element.ask("confirm", {
          kind: ADDRESSES[kind],
          intent: intentOf(secret),
          clientSecret: secret,
          key: this.key,
          account: this.account,
          returnUrl: confirmParams.return_url,
          billingDetails: { ...elements.element.billingDetails, ...data.billing_details },
        }),
      );
      return this.finish(kind, body, secret, redirect, confirmParams.return_url);
    }

    async handleNextAction({ clientSecret }) {
      const kind = String(clientSecret).startsWith("seti_") ? "setupIntent" : "paymentIntent";
      const { error, ...found } = await this.retrieve(kind, clientSecret);
      return error ? { error } : this.finish(kind, found[kind], clientSecret, "if_required");
    }

    async retrievePaymentIntent(clientSecret) {
      return this.retrieve("paymentIntent", clientSecret);
    }

    async retrieveSetupIntent(clientSecret) {
      return this.retrieve("setupIntent", clientSecret);
    }

    async retrieve(kind, clientSecret) {
      const query = new URLSearchParams({ key: this.key, client_secret: clientSecret });
      if (this.account) query.set("_stripe_account", this.account);
      const address = `${ORIGIN}/v1/${ADDRESSES[kind]}/${encodeURIComponent(intentOf(clientSecret))}?${query}`;
      const body = await this.reach(async () => (await fetch(address)).json());
      return body.error ? { error: body.error } : { [kind]: body };
    }

    async finish(kind, body, secret, redirect, returnUrl) {
      if (body.error) return { error: body.error };
      let intent = body;
      if (intent.status === "requires_action") {
        await this.challenge(intent.next_action.use_stripe_sdk.stripe_js);
        const now = await this.retrieve(kind, secret);
        if (now.error) return now;
        intent = now[kind];
        const refusal = intent.last_payment_error || intent.last_setup_error;
        if (intent.status === "requires_payment_method" && refusal) {
          return { error: { ...refusal, [intent.object]: intent } };
        }
      }
      if (redirect === "always") window.location.assign(landing(intent.object, returnUrl, secret));
      return { [kind]: intent };
    }

    async reach(call) {
      try {
        return await call();
      } catch {
        return { error: { type: "api_connection_error", message: "We can’t reach Stripe (DEMO). Check the connection and try again." } };
      }
    }

    /** Opens the bank's page above everything until it has been answered. */
    challenge(page) {
      const before = document.activeElement;
      const address = new URL(page, ORIGIN);
      const url = `${ORIGIN}${address.pathname}?${new URLSearchParams({ key: this.key })}${address.hash}`;
      const frame = newFrame("3-D Secure: approve the payment (DEMO)", url);
      const overlay = document.createElement("div");
      overlay.setAttribute("role", "dialog");
      overlay.setAttribute("aria-modal", "true");
      overlay.setAttribute("aria-label", "Approve the payment (DEMO)");
      style(overlay, { position: "fixed", inset: "0", "z-index": "2147483647", display: "grid", "place-items": "center", background: "rgb(0 0 0 / 55%)" });
      style(frame, { width: "min(92%, 400px)", height: "min(92%, 330px)", border: "0", "border-radius": "8px", background: "#fff" });
      overlay.append(frame);
      document.body.append(overlay);
      return new Promise((resolve) => {
        const hear = (event) => {
          if (event.source !== frame.contentWindow || event.origin !== ORIGIN || event.data !== "demo-stripe-challenge-done") return;
          window.removeEventListener("message", hear);
          overlay.remove();
          if (before && before.focus) before.focus();
          resolve();
        };
        window.addEventListener("message", hear);
        frame.addEventListener("load", () => frame.focus());
      });
    }
  }

  // ---- small helpers

  const ADDRESSES = { paymentIntent: "payment_intents", setupIntent: "setup_intents" };
  const intentOf = (clientSecret) => String(clientSecret).split("_secret_")[0];

  function newFrame(title, address) {
    const frame = document.createElement("iframe");
    frame.title = title;
    frame.src = address;
    frame.setAttribute("allow", "payment *");
    return frame;
  }

  function style(element, properties) {
    for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
  }

  function landing(object, returnUrl, clientSecret) {
    const url = new URL(returnUrl, window.location.href);
    url.searchParams.set(object, intentOf(clientSecret));
    url.searchParams.set(`${object}_client_secret`, clientSecret);
    url.searchParams.set("redirect_status", "succeeded");
    return url.href;
  }

  window.Stripe = Object.assign((key, options) => new DemoStripe(key, options), { version: "demo" });
})();
