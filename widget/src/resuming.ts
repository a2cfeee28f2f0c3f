import type { Actions, Context } from "./actions";
import type { Calls } from "./calls";
import type { Booking, Event } from "./booking";
import { isSettled } from "./holding";
import { problemOf } from "./errors";
import type { Saved } from "./saved";

/** The steps in which a time that is held may be looked at anew. */
const CHOOSING = ["service", "time", "details"] as const;

/** Takes up what a reload interrupted. Throws ApiError OFFLINE if a held booking can't be looked up now. */
export async function resume(
  { store, calls, tradie, actions }: Omit<Context, "availability"> & { actions: Pick<Actions, "post"> },
  saved: Saved,
): Promise<void> {
  const { send } = store;
  const { service: id, start, calendar = null, month = null, day = null, details, attempt } = saved;
  const known = tradie.services.some((service) => service.id === id);
  const step = CHOOSING.find((one) => one === saved.step) ?? (start ? "details" : "time");
  const chosen = { service: id, start, calendar, month, day, times: null, details, attempt, step };
  send({ type: "resumed", booking: known ? chosen : { details } });
  // What was quoted and is held may be of a service that is not on offer.
  if (saved.hold) {
    await resumeHold(calls, send, saved.hold, saved.paid);
    if (step === saved.step && store.state.step === "pay") send({ type: "went_back", step });
  } else if (attempt && known) await actions.post(attempt.body);
}

/** Takes up a hold where a reload, a link or the page of a quote left it. Throws ApiError OFFLINE if it can't be looked
 * up now. */
async function resumeHold(
  calls: Calls,
  send: (event: Event) => void,
  { id, token }: { id: string; token: string },
  paid: boolean,
): Promise<void> {
  let hold: Booking["hold"] = null;
  try {
    const record = await calls.booking(id, token);
    hold = { id, token, record, payment: null };
    // Kept for somebody who waited: where the job is, they have yet to say.
    if (record.status === "pending" && !record.address.line1)
      return send({ type: "resumed", booking: { hold, start: record.start, step: "details" } });
    if (isSettled(record, paid)) return send({ type: "resumed", booking: settled(hold) });
    if (paid)
      return send({ type: "resumed", booking: { hold, paid, start: record.start, step: "confirming" } });
    send({ type: "booking_held", held: { booking: record, token, payment: await calls.payment(id, token) } });
  } catch (error) {
    // A hold that can't be opened or paid any more is no loss: everything typed is still there.
    if (problemOf(error).code === "OFFLINE") throw error;
    send({ type: "resumed", booking: hold?.record.quote_url ? settled(hold) : { lapsed: true } });
  }
}

/** What was quoted goes on at the page of the quote, to which the last step leads. */
function settled(hold: NonNullable<Booking["hold"]>): Partial<Booking> {
  const { status, start, quote_url } = hold.record;
  const goesOnHere = !quote_url && (status === "expired" || status === "cancelled");
  return goesOnHere ? { lapsed: status === "expired" } : { hold, start, step: "done" };
}
