import { newKey, type Api } from "./api";
import type { Availability } from "./availability";
import type { Booking, Event } from "./booking";
import { bookingBody, checkDetails } from "./details";
import { problemOf } from "./errors";
import type { Saved } from "./saved";
import { fetchClosingSteps } from "./steps/deferred";
import type { Store } from "./store";
import type { Service, Tradie } from "./types";

export interface Context {
  store: Store<Booking, Event>;
  api: Api;
  tradie: Tradie;
  availability: Availability;
}

export interface Actions {
  hold(): Promise<void>;
  /** Another start for what is already typed, held at once. */
  holdAt(start: string): Promise<void>;
  /** Takes up what a reload interrupted. Throws ApiError OFFLINE if a held booking can't be looked up now. */
  resume(saved: Saved): Promise<void>;
  send(event: Event): void;
}

export function createActions({ store, api, tradie, availability }: Context): Actions {
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
      send({ type: "booking_held", held: await api.book(body, key) });
    } catch (error) {
      const problem = problemOf(error);
      // The hold that was to be moved is paid for already, perhaps in another tab.
      const paid = problem.code === "BOOKING_NOT_CHANGEABLE" && store.state.hold;
      send(paid ? { type: "payment_succeeded" } : { type: "refused", problem });
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

  async function resume(saved: Saved): Promise<void> {
    const { service: id, start, calendar = null, details, attempt } = saved;
    const known = tradie.services.some((service) => service.id === id);
    const step = start ? "details" : "time";
    const booking = known ? { service: id, start, calendar, details, attempt, step } : { details };
    send({ type: "resumed", booking } as Event);
    // What was quoted and is held may be of a service that is not on offer.
    if (saved.hold) await (await fetchClosingSteps()).resumeHold(api, send, saved.hold, saved.paid);
    else if (attempt && known) await post(attempt.body);
  }

  return { hold, holdAt, resume, send };
}
