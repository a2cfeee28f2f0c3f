import type { Availability } from "./availability";
import type { Booking, Event } from "./booking";
import { newKey, type Calls } from "./calls";
import { bookingBody, checkDetails } from "./details";
import { problemOf } from "./errors";
import { resumeHold } from "./resuming";
import type { Saved } from "./saved";
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
  /** More time to pay what is held. */
  extend(): Promise<void>;
  /** Takes up what a reload interrupted. Throws ApiError OFFLINE if a held booking can't be looked up now. */
  resume(saved: Saved): Promise<void>;
}

/** Answers after which we cannot know whether the request took effect: a retry must carry the same key. */
const OUTCOME_UNKNOWN = ["OFFLINE", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE", "RATE_LIMITED"];

/** The steps in which a time that is held may be looked at anew. */
const CHOOSING = ["service", "time", "details"] as const;

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
    send({ type: "booking_sent", attempt: { key, body } });
    try {
      send({ type: "booking_held", held: await calls.book(body, key) });
    } catch (error) {
      const problem = problemOf(error);
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

  async function extend(): Promise<void> {
    const { hold } = store.state;
    if (!hold) return;
    await calls.extend(hold.id, hold.token).then(
      (payment) => send({ type: "hold_extended", payment }),
      (error) => send({ type: "refused", problem: problemOf(error), unsure: false }),
    );
  }

  async function resume(saved: Saved): Promise<void> {
    const { service: id, start, calendar = null, month = null, day = null, details, attempt } = saved;
    const known = tradie.services.some((service) => service.id === id);
    const step = CHOOSING.find((one) => one === saved.step) ?? (start ? "details" : "time");
    const chosen = { service: id, start, calendar, month, day, times: null, details, attempt, step };
    send({ type: "resumed", booking: known ? chosen : { details } });
    // What was quoted and is held may be of a service that is not on offer.
    if (saved.hold) {
      await resumeHold(calls, send, saved.hold, saved.paid);
      if (step === saved.step && store.state.step === "pay") send({ type: "went_back", step });
    } else if (attempt && known) await post(attempt.body);
  }

  return { hold, holdAt, extend, resume };
}
