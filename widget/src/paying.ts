import type { Api } from "./api";
import { isSettled, type Booking, type Event } from "./booking";
import type { Store } from "./store";
import type { PaymentOutcome } from "./stripe";

/** Waits between looks at a paid booking, in ms: quick at first, then patient. Two and a half minutes in all. */
const LOOKS = [0, 700, 1000, 1500, 2000, 3000, 5000, ...Array<number>(14).fill(10_000)];
const SLOW_AFTER_LOOKS = 6;
const ASK_STRIPE_EVERY = 3;

const PAYMENT_UNCLEAR =
  "We lost contact with the card service. Your payment hasn't gone through as far as we can tell. " +
  "It's safe to try again: you can't be charged twice.";

type BookingStore = Store<Booking, Event>;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Pays once, however often it is called while Stripe is thinking. Success leads to the confirming step. */
export async function pay(
  { state, send }: BookingStore,
  api: Api,
  confirm: () => Promise<PaymentOutcome>,
): Promise<void> {
  if (state.busy || state.lapsed) return;
  send({ type: "payment_sent" });
  const outcome = await confirm().catch((): PaymentOutcome => ({ kind: "unclear" }));
  if (outcome.kind === "incomplete") return send({ type: "card_incomplete" });
  if (outcome.kind === "declined") return send({ type: "card_declined", message: outcome.message });
  if (outcome.kind === "unclear" && !(await isPaidAfterAll(state, api)))
    return send({ type: "card_declined", message: PAYMENT_UNCLEAR });
  send({ type: "payment_succeeded" });
}

async function isPaidAfterAll({ hold }: Booking, api: Api): Promise<boolean> {
  const record = hold && (await api.confirm(hold.id, hold.token).catch(() => null));
  return record?.status === "confirmed" || record?.status === "requested";
}

/** Looks at a paid booking until the server has decided what becomes of it, or for as long as anyone would wait. */
export async function settle(
  { state: { hold }, send }: BookingStore,
  api: Api,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<void> {
  if (!hold) return;
  for (const [look, pause] of LOOKS.entries()) {
    await wait(pause);
    if (look === SLOW_AFTER_LOOKS) send({ type: "confirmation_slow" });
    const ask = look % ASK_STRIPE_EVERY ? api.booking : api.confirm;
    const record = await ask(hold.id, hold.token).catch(() => null); // no answer: look again
    if (!record) continue;
    send({ type: "record_arrived", record });
    if (isSettled(record, true)) return;
  }
}
