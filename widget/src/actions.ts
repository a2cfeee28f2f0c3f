import type { Availability } from "./availability";
import type { Booking, Event } from "./booking";
import { newKey, type Calls } from "./calls";
import { bookingBody, checkDetails } from "./details";
import { problemOf } from "./errors";
import { howFilledIn } from "./form_check";
import type { Store } from "./store";
import type { Service, Tradie } from "./types";

export interface Context {
  store: Store<Booking, Event>;
  calls: Calls;
  tradie: Tradie;
  availability: Pick<Availability, "clear">;
}

export interface Actions {
  hold(): Promise<void>;
  /** Another start for what is already typed, held at once. */
  holdAt(start: string): Promise<void>;
  /** Asks for the booking that `body` is, perhaps once more. */
  post(body: string): Promise<void>;
}

/** Answers after which we cannot know whether the request took effect: a retry must carry the same key. */
const OUTCOME_UNKNOWN = ["OFFLINE", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE", "RATE_LIMITED"];

export function createActions({ store, calls, tradie, availability }: Context): Actions {
  const { send } = store;

  const service = (): Service | undefined => tradie.services.find(({ id }) => id === store.state.service);

  async function hold(): Promise<void> {
    const { busy, start, calendar, details, hold } = store.state;
    const chosen = service();
    if (busy || !chosen || !start) return;
    const fields = checkDetails(details, chosen, tradie);
    if (Object.keys(fields).length) return send({ type: "details_refused", fields });
    await post(bookingBody({ start, calendar, details, hold }, chosen, tradie));
  }

  async function post(body: string): Promise<void> {
    const unfinished = store.state.attempt;
    const key = unfinished?.body === body ? unfinished.key : newKey();
    const check = howFilledIn(); // before what is asked beside a problem goes with it
    send({ type: "booking_sent", attempt: { key, body } });
    try {
      const held = await calls.book(body, key, check);
      service()!.price_cents = held.booking.service.price_cents;
      send({ type: "booking_held", held });
    } catch (error) {
      const problem = problemOf(error);
      // More is asked than was shown: it is shown from now on, and the next press says that they have seen it.
      for (const name of ["deposit_cents", "call_out_fee_cents", "price_cents"] as const)
        if (problem[name]) service()![name] = problem[name];
      // The hold that was to be moved is paid for already, perhaps in another tab.
      const paid = problem.code === "BOOKING_NOT_CHANGEABLE" && store.state.hold;
      const unsure = OUTCOME_UNKNOWN.includes(problem.code);
      send(paid ? { type: "payment_succeeded" } : { type: "refused", problem, unsure });
    } finally {
      availability.clear();
    }
  }

  async function holdAt(start: string): Promise<void> {
    const { busy, step, service } = store.state;
    if (busy) return;
    if (step === "done") send({ type: "started_over", service });
    send({ type: "time_chosen", start });
    await hold();
  }

  return { hold, holdAt, post };
}
