import type {
  Appearance,
  PaymentIntentResult,
  SetupIntentResult,
  StripeConstructor,
} from "@stripe/stripe-js";
import type { Details } from "./booking";
import { reveal } from "./resize";
import type { Payment, Tradie } from "./types";

declare global {
  interface Window {
    Stripe?: StripeConstructor;
  }
}

export type PaymentOutcome =
  | { kind: "paid" }
  /** A field is missing or wrong; Stripe says so beside it. */
  | { kind: "incomplete" }
  | { kind: "declined"; message: string }
  /** The connection broke: the payment may or may not have gone through. */
  | { kind: "unclear" };

export interface CardForm {
  confirm(): Promise<PaymentOutcome>;
  /** The server has changed how it is paid. */
  refresh(): Promise<unknown>;
  destroy(): void;
}

let loading: Promise<StripeConstructor> | null = null;

/** Stripe.js, fetched from Stripe's own address the first time it is needed. A failure can be tried again. */
function loadStripe(url: string): Promise<StripeConstructor> {
  loading ??= new Promise<StripeConstructor>((resolve, reject) => {
    const script = document.createElement("script");
    const fail = () => {
      loading = null;
      script.remove();
      reject();
    };
    script.src = url;
    script.onload = () => (window.Stripe ? resolve(window.Stripe) : fail());
    script.onerror = fail;
    document.head.append(script);
  });
  return loading;
}

/** Mounts the Payment Element in `box`; resolves once a card can be typed. Rejects if Stripe can't be reached. */
export async function mountCardForm(
  box: HTMLElement,
  payment: Payment,
  tradie: Tradie,
  details: Details,
): Promise<CardForm> {
  if (!tradie.stripe) throw new Error(`${tradie.slug} can't take cards right now`);
  const Stripe = await loadStripe(tradie.stripe.js_url);
  const stripe = Stripe(payment.publishable_key, {
    stripeAccount: payment.account,
    locale: document.documentElement.lang === "en-AU" ? "en-AU" : "zh",
  });
  const elements = stripe.elements({ clientSecret: payment.client_secret, appearance: appearance() });
  const element = elements.create("payment", {
    layout: "tabs",
    defaultValues: { billingDetails: billingDetails(details) },
  });
  await new Promise<unknown>((resolve, reject) => {
    element.on("ready", resolve);
    element.on("loaderror", reject);
    element.mount(box);
  });
  return {
    destroy: () => element.destroy(),
    refresh: () => elements.fetchUpdates(),
    confirm: async () => {
      const how = {
        elements,
        redirect: "if_required" as const,
        confirmParams: { return_url: window.location.href },
      };
      const shown = revealOverlays();
      try {
        return outcomeOf(
          await (payment.amount_cents ? stripe.confirmPayment(how) : stripe.confirmSetup(how)),
        );
      } finally {
        shown.disconnect();
      }
    },
  };
}

/** The bank's questions, which Stripe.js puts in the middle of the page: in a high frame that may be out of sight. */
function revealOverlays(): MutationObserver {
  const observer = new MutationObserver((changes) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes]))
      if (node instanceof HTMLElement) reveal(node.querySelector("iframe") ?? node);
  });
  observer.observe(document.body, { childList: true });
  return observer;
}

/** Stripe's answer as one of the things a customer can do something about. */
export function outcomeOf(result: PaymentIntentResult | SetupIntentResult): PaymentOutcome {
  const { error, paymentIntent, setupIntent } = result as Partial<PaymentIntentResult & SetupIntentResult>;
  const intent = paymentIntent ?? setupIntent ?? error?.payment_intent ?? error?.setup_intent;
  const status = intent?.status;
  // Pressing pay on something already paid is an error to Stripe, and good news to the customer.
  if (status === "succeeded" || status === "processing" || status === "requires_capture")
    return { kind: "paid" };
  if (error?.type === "validation_error") return { kind: "incomplete" };
  if (error?.type === "card_error")
    return { kind: "declined", message: error.message ?? "Your card was declined." };
  if (status === "requires_payment_method")
    return {
      kind: "declined",
      message: error?.message ?? "The payment didn't go through. Try another card.",
    };
  return { kind: "unclear" };
}

/** The colours of the page, as they are in its theme. */
function appearance(): Appearance {
  const probe = document.body.appendChild(document.createElement("i"));
  const colour = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const variables = {
    colorPrimary: colour("--accent"),
    colorBackground: colour("--paper"),
    colorText: colour("--ink"),
    colorTextSecondary: colour("--muted"),
    colorDanger: colour("--danger"),
    borderRadius: "10px",
    fontSizeBase: "16px", // smaller text makes iPhones zoom in on every field
  };
  probe.remove();
  return { theme: "stripe", variables };
}

const billingDetails = (details: Details) => ({
  name: details["customer.name"] ?? "",
  email: details["customer.email"] ?? "",
  phone: details["customer.phone"] ?? "",
});
