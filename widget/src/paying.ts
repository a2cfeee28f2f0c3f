import type { Calls } from "./calls";
import type { Booking, Event } from "./booking";
import { problemOf } from "./errors";
import { plural } from "./format";
import { isSettled } from "./holding";
import type { Store } from "./store";
import type { PaymentOutcome } from "./stripe";
import type { BookingRecord } from "./types";

/** Waits between looks at a paid booking, in ms: quick at first, then patient. Two and a half minutes in all. */
const LOOKS = [0, 700, 1000, 1500, 2000, 3000, 5000, ...Array<number>(14).fill(10_000)];
const SLOW_AFTER_MS = 8000;
const ASK_STRIPE_EVERY = 3;

const CAME_THROUGH: BookingRecord["status"][] = ["confirmed", "requested", "lost"];

/** The same after a payment without an answer. */
const LOOKS_AFTER_SILENCE = [0, 2000, 5000];

const PAYMENT_UNCLEAR =
  "We don't know yet whether your payment went through: we lost contact with the card service. If it did, you get an " +
  "email and need do nothing more. It's safe to press the button again: you can't be charged twice.";

type BookingStore = Store<Booking, Event>;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks for more time to pay what is held. */
export async function extend({ state: { hold }, send }: BookingStore, calls: Calls): Promise<void> {
  if (!hold) return;
  await calls.extend(hold.id, hold.token).then(
    (payment) => send({ type: "hold_extended", payment }),
    (error) => send({ type: "refused", problem: problemOf(error), unsure: false }),
  );
}

/** Pays once, however often it is called while Stripe is thinking. Success leads to the confirming step. */
export async function pay(
  { state, send }: BookingStore,
  { calls, now }: { calls: Calls; now(): number },
  confirm: () => Promise<PaymentOutcome>,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<void> {
  if (state.busy || state.lapsed) return;
  send({ type: "payment_sent" });
  const outcome = await confirm().catch((): PaymentOutcome => ({ kind: "unclear" }));
  if (outcome.kind === "incomplete") return send({ type: "card_incomplete" });
  if (outcome.kind === "declined")
    return send({ type: "card_declined", message: `${outcome.message} ${stillHeld(state, now())}` });
  if (outcome.kind === "unclear" && !(await isPaidAfterAll(state, calls, wait)))
    return send({ type: "card_declined", message: PAYMENT_UNCLEAR });
  send({ type: "payment_succeeded" });
}

/** What somebody whose card was refused fears, and what they can do. */
function stillHeld({ hold }: Booking, now: number): string {
  const left = hold?.payment ? Date.parse(hold.payment.expires_at) - now : 0;
  const minutes = Math.floor(left / 60_000);
  const kept =
    minutes > 60 ? "" : ` for ${minutes < 1 ? "less than a minute" : plural(minutes, "more minute")}`;
  return `Nothing was charged, and your time is still held${kept}: try another card.`;
}

async function isPaidAfterAll(
  { hold }: Booking,
  calls: Calls,
  wait: (ms: number) => Promise<unknown>,
): Promise<boolean> {
  for (const pause of hold ? LOOKS_AFTER_SILENCE : []) {
    await wait(pause);
    const record = await calls.confirm(hold!.id, hold!.token).catch(() => null);
    if (record && CAME_THROUGH.includes(record.status)) return true;
  }
  return false;
}

/** Looks at a paid booking until the server has decided what becomes of it, or for as long as anyone would wait. */
export async function settle(
  { state: { hold }, send }: BookingStore,
  calls: Calls,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<void> {
  if (!hold) return;
  // However long a look takes that gets no answer.
  void wait(SLOW_AFTER_MS).then(() => send({ type: "confirmation_slow" }));
  for (const [look, pause] of LOOKS.entries()) {
    await wait(pause);
    const ask = look % ASK_STRIPE_EVERY ? calls.booking : calls.confirm;
    const record = await ask(hold.id, hold.token).catch(() => null); // no answer: look again
    if (!record) continue;
    send({ type: "record_arrived", record });
    if (isSettled(record, true)) return;
  }
}
