import { newKey, type Api } from "./api";
import type { Availability } from "./availability";
import { isSettled, type Booking, type Event } from "./booking";
import { bookingBody, checkDetails } from "./details";
import { BROWSER_SENTENCES, problemOf } from "./errors";
import type { Saved } from "./saved";
import type { Store } from "./store";
import type { PaymentOutcome } from "./stripe";
import type { Problem, Service, Tradie } from "./types";

/** Waits between looks at a paid booking, in ms: quick at first, then patient. Two and a half minutes in all. */
const LOOKS = [0, 700, 1000, 1500, 2000, 3000, 5000, ...Array<number>(14).fill(10_000)];
const SLOW_AFTER_LOOKS = 6;
const ASK_STRIPE_EVERY = 3;

export interface Context {
  store: Store<Booking, Event>;
  api: Api;
  tradie: Tradie;
  availability: Availability;
  wait(ms: number): Promise<unknown>;
}

export interface Actions {
  hold(): Promise<void>;
  /** Another start for what is already typed, held at once. */
  holdAt(start: string): Promise<void>;
  pay(confirm: () => Promise<PaymentOutcome>): Promise<void>;
  /** Looks at a paid booking until the server has decided. */
  settle(): Promise<void>;
  /** Takes up what a reload interrupted. Throws ApiError OFFLINE if a held booking can't be looked up now. */
  resume(saved: Saved): Promise<void>;
  send(event: Event): void;
}

export function createActions({ store, api, tradie, availability, wait }: Context): Actions {
  const { send } = store;

  const service = (): Service | undefined => tradie.services.find(({ id }) => id === store.state.service);

  async function hold(): Promise<void> {
    const { busy, start, details } = store.state;
    const chosen = service();
    if (busy || !chosen || !start) return;
    const fields = checkDetails(details, chosen, tradie);
    if (Object.keys(fields).length) return send({ type: "details_refused", fields });
    await post(bookingBody({ start, details, hold: store.state.hold }, chosen, tradie));
  }

  async function post(body: string): Promise<void> {
    const unfinished = store.state.attempt;
    const key = unfinished?.body === body ? unfinished.key : newKey();
    send({ type: "booking_sent", attempt: { key, body } });
    try {
      send({ type: "booking_held", held: await api.book(body, key) });
    } catch (error) {
      refuse(problemOf(error));
    }
    availability.clear();
  }

  const refuse = (problem: Problem) => send({ type: "refused", problem });

  async function holdAt(start: string): Promise<void> {
    const { busy, step, service } = store.state;
    if (busy) return;
    if (step === "done") send({ type: "started_over", service });
    send({ type: "time_chosen", start });
    await hold();
  }

  async function pay(confirm: () => Promise<PaymentOutcome>): Promise<void> {
    if (store.state.busy || store.state.lapsed) return;
    send({ type: "payment_sent" });
    const outcome = await confirm().catch((): PaymentOutcome => ({ kind: "unclear" }));
    if (outcome.kind === "declined") return send({ type: "card_declined", message: outcome.message });
    if (outcome.kind === "unclear" && !(await isPaidAfterAll()))
      return send({ type: "card_declined", message: BROWSER_SENTENCES.PAYMENT_UNCLEAR! });
    send({ type: "payment_succeeded" });
    await settle();
  }

  async function isPaidAfterAll(): Promise<boolean> {
    const { hold } = store.state;
    const record = hold && (await api.confirm(hold.id, hold.token).catch(() => null));
    return record?.status === "confirmed" || record?.status === "requested";
  }

  async function settle(): Promise<void> {
    const { hold } = store.state;
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

  async function resume(saved: Saved): Promise<void> {
    const { service: id, start, details, attempt } = saved;
    const known = tradie.services.some((service) => service.id === id);
    if (!known) return send({ type: "resumed", booking: { details } });
    const step = start ? "details" : "time";
    send({ type: "resumed", booking: { service: id, start, details, attempt, step } });
    if (saved.hold) await resumeHold(saved.hold, saved.paid);
    else if (attempt) await post(attempt.body);
  }

  async function resumeHold({ id, token }: { id: string; token: string }, paid: boolean): Promise<void> {
    try {
      const record = await api.booking(id, token);
      const hold = { id, token, record, payment: null };
      if (isSettled(record, paid)) return settled(hold);
      if (paid) {
        send({ type: "resumed", booking: { hold, paid, start: record.start, step: "confirming" } });
        return settle();
      }
      send({ type: "booking_held", held: { booking: record, token, payment: await api.payment(id, token) } });
    } catch (error) {
      // A hold that can't be opened or paid any more is no loss: everything typed is still there.
      if (problemOf(error).code === "OFFLINE") throw error;
    }
  }

  function settled(hold: NonNullable<Booking["hold"]>): void {
    const { status, start } = hold.record;
    if (status === "expired" || status === "cancelled")
      return send({ type: "resumed", booking: { lapsed: status === "expired" } });
    send({ type: "resumed", booking: { hold, start, step: "done" } });
  }

  return { hold, holdAt, pay, settle, resume, send };
}
