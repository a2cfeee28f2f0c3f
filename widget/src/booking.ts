import { isOutcomeUnknown } from "./errors";
import type { BookingRecord, Held, Payment, Problem } from "./types";

export type Step = "service" | "time" | "details" | "pay" | "confirming" | "done";

/** What the customer typed, by the API's own names: "customer.email", "address.postcode", "answers.ID", "notes". */
export type Details = Record<string, string>;

/** A time that is held for this customer; the token proves it is theirs. */
export interface Hold {
  id: string;
  token: string;
  record: BookingRecord;
  payment: Payment | null;
}

/** A request that may have reached the server; repeating it needs the same key and the same body. */
export interface Attempt {
  key: string;
  body: string;
}

/** A booking in the making: everything the widget shows follows from this. */
export interface Booking {
  step: Step;
  service: string | null;
  start: string | null;
  /** The id of the person or van that was asked for; null: anybody. */
  calendar: string | null;
  details: Details;
  hold: Hold | null;
  /** The hold ran out before it was paid. */
  lapsed: boolean;
  /** Stripe said that the payment went through. */
  paid: boolean;
  /** Paid, but the server is taking its time to confirm. */
  slow: boolean;
  /** A request is under way: further presses do nothing. */
  busy: boolean;
  attempt: Attempt | null;
  problem: Problem | null;
}

export type Event =
  | { type: "service_chosen"; service: string }
  | { type: "calendar_chosen"; calendar: string | null }
  | { type: "time_chosen"; start: string }
  | { type: "went_back"; step: "service" | "time" | "details" }
  | { type: "typed"; name: string; value: string }
  | { type: "details_refused"; fields: Record<string, string[]> }
  | { type: "booking_sent"; attempt: Attempt }
  | { type: "booking_held"; held: Held }
  | { type: "refused"; problem: Problem }
  | { type: "hold_lapsed" }
  | { type: "payment_sent" }
  | { type: "card_incomplete" }
  | { type: "card_declined"; message: string }
  | { type: "payment_succeeded" }
  | { type: "confirmation_slow" }
  | { type: "record_arrived"; record: BookingRecord }
  | { type: "resumed"; booking: Partial<Booking> }
  | { type: "started_over"; service: string | null };

export const start: Booking = {
  step: "service",
  service: null,
  start: null,
  calendar: null,
  details: {},
  hold: null,
  lapsed: false,
  paid: false,
  slow: false,
  busy: false,
  attempt: null,
  problem: null,
};

/** The server has decided: nothing more is coming by itself. */
export const isSettled = ({ status }: BookingRecord, paid: boolean): boolean =>
  // A hold that lapsed while its payment went through still becomes a booking or a refund.
  paid ? !["pending", "expiring", "expired"].includes(status) : !["pending", "expiring"].includes(status);

export function next(booking: Booking, event: Event): Booking {
  switch (event.type) {
    case "service_chosen":
      return event.service === booking.service
        ? { ...booking, step: "time", problem: null }
        : { ...booking, step: "time", service: event.service, start: null, calendar: null, problem: null };
    case "calendar_chosen":
      return { ...booking, calendar: event.calendar, start: null };
    case "time_chosen":
      // A time chosen instead of one that was lost is held straight away, without passing the form again.
      return {
        ...booking,
        step: booking.step === "time" ? "details" : booking.step,
        start: event.start,
        problem: null,
      };
    case "went_back":
      return booking.busy ? booking : { ...booking, step: event.step, problem: null };
    case "typed":
      return withTyped(booking, event.name, event.value);
    case "details_refused":
      return {
        ...booking,
        step: "details",
        problem: { code: "VALIDATION_FAILED", message: "", fields: event.fields },
      };
    case "booking_sent":
      return { ...booking, busy: true, attempt: event.attempt, problem: null };
    case "booking_held":
      return withHold(booking, event.held);
    case "refused":
      return {
        ...booking,
        step: event.problem.fields ? "details" : booking.step,
        busy: false,
        calendar: event.problem.fields?.calendar ? null : booking.calendar,
        attempt: isOutcomeUnknown(event.problem) ? booking.attempt : null,
        problem: event.problem,
      };
    case "hold_lapsed":
      // While a payment is under way the server decides what becomes of the time.
      return booking.step !== "pay" || booking.busy ? booking : { ...booking, lapsed: true, problem: null };
    case "payment_sent":
      return { ...booking, busy: true, problem: null };
    case "card_incomplete":
      return { ...booking, busy: false };
    case "card_declined":
      return { ...booking, busy: false, problem: { code: "CARD_DECLINED", message: event.message } };
    case "payment_succeeded":
      return { ...booking, step: "confirming", busy: false, paid: true, problem: null };
    case "confirmation_slow":
      return { ...booking, slow: true };
    case "record_arrived":
      return withRecord(booking, event.record);
    case "resumed":
      return { ...booking, ...event.booking };
    case "started_over":
      return {
        ...start,
        details: booking.details,
        service: event.service,
        step: event.service ? "time" : "service",
      };
  }
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

function withRecord(booking: Booking, record: BookingRecord): Booking {
  if (!booking.hold) return booking;
  const hold = { ...booking.hold, record };
  return isSettled(record, booking.paid)
    ? { ...booking, hold, step: "done", busy: false, problem: null }
    : { ...booking, hold };
}
