import { start, stepBack, type Booking, type Event, type Step } from "./booking";
import type { BookingRecord, Held } from "./types";

/** The server has decided: nothing more is coming by itself. */
export const isSettled = ({ status }: BookingRecord, paid: boolean): boolean =>
  // A hold that lapsed while its payment went through still becomes a booking or a refund.
  !["pending", "expiring", paid && "expired"].includes(status);

/** What a booking becomes once its time is chosen: filled in, held; `paying_events.ts` has how it is paid. */
export function proceed(booking: Booking, event: Event): Booking {
  const to = (change: Partial<Booking>): Booking => ({ ...booking, ...change });
  switch (event.type) {
    case "went_back":
      return wentBack(booking, event.step);
    case "service_chosen": // for another booking, once this one is over
      return isOver(booking) ? to({ hold: null, paid: false }) : booking;
    case "terms_told":
      return to({ terms: event.terms });
    case "typed":
      return withTyped(booking, event.name, event.value);
    case "details_refused":
      return to({
        step: "details",
        problem: { code: "VALIDATION_FAILED", message: "", fields: event.fields },
      });
    case "booking_sent":
      return to({ busy: true, attempt: event.attempt, problem: null });
    case "booking_held":
      return withHold(booking, event.held);
    case "refused": {
      const { fields } = event.problem;
      return to({
        step: fields ? "details" : booking.step,
        busy: false,
        calendar: fields?.calendar ? null : booking.calendar,
        attempt: event.unsure ? booking.attempt : null,
        problem: event.problem,
      });
    }
    case "payment_succeeded":
      return to({ step: "confirming", busy: false, paid: true, problem: null });
    case "started_over": {
      const { service } = event;
      return { ...start, details: booking.details, service, step: service ? "time" : "service" };
    }
  }
  return booking;
}

const isOver = ({ hold, paid }: Booking): boolean => hold !== null && isSettled(hold.record, paid);

/** While a time is held, or was; what is over stays to be seen in the step that it ended with. */
function wentBack(booking: Booking, step: Step): Booking {
  const { hold, busy, paid, details } = booking;
  if (!hold || busy) return booking;
  if (isOver(booking)) return step === "done" ? { ...booking, step } : { ...start, hold, paid, details };
  if (paid) return booking;
  const back = ["pay", "confirming", "done"].includes(step) && hold.payment;
  return { ...booking, step: back ? "pay" : stepBack(booking, step), problem: null };
}

function withTyped(booking: Booking, name: string, value: string): Booking {
  const details = { ...booking.details, [name]: value };
  if (!booking.problem?.fields?.[name]) return { ...booking, details };
  const { [name]: _mended, ...fields } = booking.problem.fields;
  return { ...booking, details, problem: Object.keys(fields).length ? { ...booking.problem, fields } : null };
}

function withHold(booking: Booking, { booking: record, token, payment }: Held): Booking {
  return {
    ...booking,
    step: payment ? "pay" : "done",
    start: record.start,
    hold: { id: record.id, token, record, payment },
    lapsed: false,
    busy: false,
    attempt: null,
    problem: null,
  };
}
