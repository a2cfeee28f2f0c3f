import type { BookingRecord, Held, Month, Payment, Problem } from "./types";

/** "closed": nothing is on offer online. */
export type Step = "closed" | "service" | "time" | "details" | "pay" | "confirming" | "done";

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
  /** The month that the calendar is to show, "2026-01"; null: the first that has a free time. */
  month: string | null;
  /** The day whose times are shown. */
  day: string | null;
  /** What was last known to be free, perhaps in a month that was shown before. */
  times: Month | null;
  /** What is free is being asked. */
  looking: boolean;
  /** What cancelling would cost, a sentence each. */
  terms: string[];
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

/** What happens until a time is chosen. */
export type Choice =
  | { type: "service_chosen"; service: string }
  | { type: "calendar_chosen"; calendar: string | null }
  /** Looking around: another month, another day. */
  | { type: "turned"; to: { month: string } | { day: string } }
  | { type: "times_asked" }
  | { type: "times_told"; times: Month }
  | { type: "times_missing"; problem: Problem }
  | { type: "time_chosen"; start: string }
  /** To a step that was seen before, by a button of ours or of the browser. */
  | { type: "went_back"; step: Step }
  | { type: "resumed"; booking: Partial<Booking> };

/** What happens from there on: `holding.ts`. */
export type Deed =
  | { type: "terms_told"; terms: string[] }
  | { type: "typed"; name: string; value: string }
  | { type: "details_refused"; fields: Record<string, string[]> }
  | { type: "booking_sent"; attempt: Attempt }
  | { type: "booking_held"; held: Held }
  /** `unsure`: nobody knows whether it took effect, so the same is to be asked again. */
  | { type: "refused"; problem: Problem; unsure: boolean }
  | { type: "hold_extended"; payment: Payment }
  | { type: "hold_lapsed" }
  | { type: "payment_sent" }
  | { type: "card_incomplete" }
  | { type: "card_declined"; message: string }
  | { type: "payment_succeeded" }
  | { type: "confirmation_slow" }
  | { type: "record_arrived"; record: BookingRecord }
  | { type: "started_over"; service: string | null };

export type Event = Choice | Deed;

export const start: Booking = {
  step: "service",
  service: null,
  start: null,
  calendar: null,
  month: null,
  day: null,
  times: null,
  looking: false,
  terms: [],
  details: {},
  hold: null,
  lapsed: false,
  paid: false,
  slow: false,
  busy: false,
  attempt: null,
  problem: null,
};

/** What a choice makes of it. */
export function choose(booking: Booking, event: Event): Booking {
  const to = (change: Partial<Booking>): Booking => ({ ...booking, ...change });
  switch (event.type) {
    case "service_chosen": {
      const { service } = event;
      const month = booking.hold?.record.start.slice(0, 7) ?? null; // where their own time counts as free
      const anew = { service, start: null, calendar: null, month, day: null, times: null, terms: [] };
      return to({ ...(service !== booking.service && anew), step: "time", problem: null });
    }
    case "calendar_chosen":
      return to({ calendar: event.calendar, start: null });
    case "turned":
      return to(event.to);
    case "times_asked":
      return to({ looking: true, problem: null });
    case "times_told":
      return withTimes(booking, event.times);
    case "times_missing":
      return to({ looking: false, problem: event.problem });
    case "time_chosen":
      // A time chosen instead of one that was lost is held straight away, without passing the form again.
      return to({
        step: booking.step === "time" ? "details" : booking.step,
        start: event.start,
        problem: null,
      });
    case "went_back":
      return booking.hold || booking.busy
        ? booking
        : to({ step: stepBack(booking, event.step), problem: null });
    case "resumed":
      return to(event.booking);
  }
  return booking;
}

/** As far as what is chosen leads. */
export const stepBack = ({ service, start }: Booking, wanted: Step): Step =>
  !service || wanted === "service" ? "service" : !start || wanted === "time" ? "time" : "details";

function withTimes(booking: Booking, times: Month): Booking {
  const { day } = booking;
  const shown = day && times.starts[day] ? day : (Object.keys(times.starts)[0] ?? null);
  return { ...booking, times, month: times.month, day: shown, looking: false, problem: null };
}
