import { describe, expect, it } from "vitest";
import { choose, start, type Booking, type Event } from "./booking";
import { isSettled, proceed } from "./holding";
import { proceedPaying } from "./paying_events";
import { EIGHT, held, NINE, record } from "./testing";

const next = (booking: Booking, event: Event): Booking =>
  proceedPaying(proceed(choose(booking, event), event), event);
const after = (...events: Event[]): Booking => events.reduce(next, start);

const chosen: Event[] = [
  { type: "service_chosen", service: "drain" },
  { type: "time_chosen", start: EIGHT },
];
const sent: Event = { type: "booking_sent", attempt: { key: "k", body: "{}" } };
const holding: Event[] = [...chosen, sent, { type: "booking_held", held }];

const refusal = (code: string, unsure = false): Event => ({
  type: "refused",
  problem: { code, message: "" },
  unsure,
});

describe("choosing", () => {
  it("goes from the service to the time to the details", () => {
    expect(after(...chosen)).toMatchObject({ step: "details", service: "drain", start: EIGHT });
  });

  it("another service forgets the time, the same one keeps it", () => {
    expect(after(...chosen, { type: "service_chosen", service: "quote" }).start).toBeNull();
    expect(after(...chosen, { type: "service_chosen", service: "drain" }).start).toBe(EIGHT);
  });

  it("somebody forgets the time, and another service forgets whom", () => {
    const kim: Event = { type: "calendar_chosen", calendar: "kim" };
    expect(after(...chosen, kim)).toMatchObject({ calendar: "kim", start: null });
    expect(after(kim, { type: "service_chosen", service: "quote" }).calendar).toBeNull();
    expect(after(chosen[0]!, kim, { type: "service_chosen", service: "drain" }).calendar).toBe("kim");
  });

  it("somebody who can't be booked any more leaves anybody", () => {
    const fields = { calendar: ["They can't be booked."] };
    const problem = { code: "VALIDATION_FAILED", message: "", fields };
    const kim: Event = { type: "calendar_chosen", calendar: "kim" };
    const refused = after(chosen[0]!, kim, chosen[1]!, sent, { type: "refused", problem, unsure: false });
    expect(refused).toMatchObject({ step: "details", calendar: null, start: EIGHT, problem });
    expect(after(chosen[0]!, kim, chosen[1]!, sent, refusal("SLOT_UNAVAILABLE")).calendar).toBe("kim");
  });
});

describe("holding a time", () => {
  it("leads to the pay step, or to the end where nothing is due", () => {
    expect(after(...holding)).toMatchObject({ step: "pay", busy: false, attempt: null });
    const free = { ...held, payment: null, booking: { ...record, status: "confirmed" as const } };
    expect(after(...chosen, sent, { type: "booking_held", held: free }).step).toBe("done");
  });

  it("that was just taken keeps everything typed and shows the alternatives", () => {
    const typing: Event = { type: "typed", name: "notes", value: "Mind the dog" };
    const problem = { code: "SLOT_UNAVAILABLE", message: "", alternatives: [{ start: NINE, end: NINE }] };
    const state = after(...chosen, typing, sent, { type: "refused", problem, unsure: false });
    expect(state).toMatchObject({
      step: "details",
      busy: false,
      problem,
      details: { notes: "Mind the dog" },
    });
  });

  it("keeps the key of a request whose outcome nobody knows, and only of such", () => {
    expect(after(...chosen, sent, refusal("OFFLINE", true)).attempt).toEqual({ key: "k", body: "{}" });
    expect(after(...chosen, sent, refusal("SLOT_UNAVAILABLE")).attempt).toBeNull();
  });

  it("can be left to choose another, and the hold is kept to be moved", () => {
    const state = after(...holding, { type: "went_back", step: "time" });
    expect(state).toMatchObject({ step: "time", hold: { token: "token" } });
  });

  it("can't be left while a request is under way", () => {
    const state = after(...holding, { type: "payment_sent" }, { type: "went_back", step: "time" });
    expect(state.step).toBe("pay");
  });

  it("that ran out says so, unless a payment is under way", () => {
    expect(after(...holding, { type: "hold_lapsed" }).lapsed).toBe(true);
    expect(after(...holding, { type: "payment_sent" }, { type: "hold_lapsed" }).lapsed).toBe(false);
  });
});

describe("mistakes in the form", () => {
  const fields = { "customer.email": ["No."], notes: ["Too long."] };

  it("bring the customer back to it and go away one by one", () => {
    const wrong = after(...holding, {
      type: "refused",
      problem: { code: "VALIDATION_FAILED", message: "", fields },
      unsure: false,
    });
    expect(wrong.step).toBe("details");
    const mended = next(wrong, { type: "typed", name: "customer.email", value: "jo@example.com" });
    expect(mended.problem?.fields).toEqual({ notes: ["Too long."] });
    expect(next(mended, { type: "typed", name: "notes", value: "Short" }).problem).toBeNull();
  });
});

describe("paying", () => {
  it("with a declined card stays on the pay step with Stripe's words", () => {
    const state = after(
      ...holding,
      { type: "payment_sent" },
      { type: "card_declined", message: "No funds." },
    );
    expect(state).toMatchObject({ step: "pay", busy: false, problem: { message: "No funds." } });
  });

  it("ends only when the server has said what became of it", () => {
    const paid = after(...holding, { type: "payment_sent" }, { type: "payment_succeeded" });
    expect(paid.step).toBe("confirming");
    expect(next(paid, { type: "record_arrived", record }).step).toBe("confirming");
    const confirmed = { ...record, status: "confirmed" as const };
    expect(next(paid, { type: "record_arrived", record: confirmed })).toMatchObject({
      step: "done",
      hold: { record: confirmed },
    });
  });

  it("of a hold that expired meanwhile is not over: it becomes a booking or a refund", () => {
    const expired = { ...record, status: "expired" as const };
    expect(isSettled(expired, true)).toBe(false);
    expect(isSettled(expired, false)).toBe(true);
    expect(isSettled({ ...record, status: "lost" }, true)).toBe(true);
  });
});

it("starting over keeps what the customer typed about themselves", () => {
  const state = after(
    ...holding,
    { type: "typed", name: "notes", value: "x" },
    { type: "started_over", service: null },
  );
  expect(state).toEqual({ ...start, details: { notes: "x" } });
});
