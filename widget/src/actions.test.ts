// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createActions } from "./actions";
import { choose, start, type Booking, type Event } from "./booking";
import type { Calls } from "./calls";
import { ApiError } from "./errors";
import { proceed } from "./holding";
import { extend } from "./paying";
import { proceedPaying } from "./paying_events";
import { quotedService } from "./quoted";
import { resume } from "./resuming";
import type { Saved } from "./saved";
import { createStore } from "./store";
import { EIGHT, held, joe, NINE, payment, record, typed } from "./testing";
import type { BookingRecord } from "./types";

const calls = {
  statement: vi.fn<Calls["statement"]>(),
  book: vi.fn<Calls["book"]>(),
  booking: vi.fn<Calls["booking"]>(),
  payment: vi.fn<Calls["payment"]>(),
  extend: vi.fn<Calls["extend"]>(),
  consent: vi.fn<Calls["consent"]>(),
  confirm: vi.fn<Calls["confirm"]>(),
  suburbs: vi.fn<Calls["suburbs"]>(),
};
const availability = { clear: vi.fn() };
const failure = (code: string) => new ApiError({ code, message: "" });
const as = (status: BookingRecord["status"]): BookingRecord => ({ ...record, status });

function booking(from: Partial<Booking> = {}, tradie = joe) {
  const store = createStore<Booking, Event>({ ...start, ...from }, choose, proceed, proceedPaying);
  const actions = createActions({ store, calls, tradie, availability });
  const take = (saved: Saved) => resume({ store, calls, tradie: joe, actions }, saved);
  return { store, actions, take };
}

const filledIn: Partial<Booking> = { step: "details", service: "drain", start: EIGHT, details: typed };
const atPayStep: Partial<Booking> = {
  ...filledIn,
  step: "pay",
  hold: { id: "b1", token: "token", record, payment },
};

beforeEach(() => vi.resetAllMocks());

describe("holding a time", () => {
  it("sends nothing while the form has mistakes", async () => {
    const { store, actions } = booking({ ...filledIn, details: { ...typed, "customer.email": "jo" } });
    await actions.hold();
    expect(calls.book).not.toHaveBeenCalled();
    expect(store.state.problem?.fields).toHaveProperty(["customer.email"]);
  });

  it("is asked for once, however often the button is pressed", async () => {
    calls.book.mockResolvedValue(held);
    const { store, actions } = booking(filledIn);
    await Promise.all([actions.hold(), actions.hold(), actions.hold()]);
    expect(calls.book).toHaveBeenCalledTimes(1);
    expect(store.state.step).toBe("pay");
  });

  it("after a lost answer is asked for with the same key, after any change with a new one", async () => {
    calls.book.mockRejectedValue(failure("OFFLINE"));
    const { store, actions } = booking(filledIn);
    await actions.hold();
    await actions.hold();
    store.send({ type: "typed", name: "notes", value: "Mind the dog" });
    await actions.hold();
    const [first, again, changed] = calls.book.mock.calls.map(([, key]) => key);
    expect(again).toBe(first);
    expect(changed).not.toBe(first);
  });

  it("where more is due than was shown, says so, and the next press agrees to it", async () => {
    const message = "The deposit for this booking is $47 instead of $30.";
    calls.book.mockRejectedValueOnce(
      new ApiError({ code: "DEPOSIT_CHANGED", message, deposit_cents: 4_700 }),
    );
    calls.book.mockResolvedValueOnce(held);
    const { store, actions } = booking(filledIn, structuredClone(joe));
    await actions.hold();
    expect([store.state.step, store.state.problem?.message]).toEqual(["details", message]);
    await actions.hold();
    const sent = calls.book.mock.calls.map(([body]) => JSON.parse(body).deposit_cents);
    expect([sent, store.state.step]).toEqual([[3_000, 4_700], "pay"]);
  });

  it("agrees to a call-out fee by the next press, and shows the price with it from then on", async () => {
    const fee = { code: "CALL_OUT_FEE", message: "$45 more", call_out_fee_cents: 4_500, price_cents: 16_500 };
    calls.book.mockRejectedValueOnce(new ApiError(fee));
    const withFee = structuredClone(held);
    withFee.booking.service.price_cents = 16_500;
    calls.book.mockResolvedValueOnce(withFee);
    const tradie = structuredClone(joe);
    const { actions } = booking(filledIn, tradie);
    await actions.hold();
    expect(tradie.services[0]!.price_cents).toBe(16_500);
    await actions.hold();
    const sent = calls.book.mock.calls.map(([body]) => JSON.parse(body).call_out_fee_cents);
    expect(sent).toEqual([undefined, 4_500]);
    expect(tradie.services[0]!.price_cents).toBe(16_500);
  });

  it("after an answer gets a new key even if nothing changed", async () => {
    calls.book.mockRejectedValue(failure("PAYMENT_PROVIDER_UNAVAILABLE"));
    const { actions } = booking(filledIn);
    await actions.hold();
    await actions.hold();
    const [first, again] = calls.book.mock.calls.map(([, key]) => key);
    expect(again).not.toBe(first);
  });

  it("moves the one already held", async () => {
    calls.book.mockResolvedValue(held);
    const { actions } = booking(atPayStep);
    await actions.holdAt(NINE);
    expect(JSON.parse(calls.book.mock.calls[0]![0])).toMatchObject({ start: NINE, hold: "token" });
  });

  it("that was paid for meanwhile is not moved but confirmed", async () => {
    calls.book.mockRejectedValue(failure("BOOKING_NOT_CHANGEABLE"));
    const { store, actions } = booking(atPayStep);
    await actions.holdAt(NINE);
    expect(store.state).toMatchObject({ step: "confirming", paid: true });
  });
});

describe("more time to pay", () => {
  it("keeps the payment that is under way, and how it was typed", async () => {
    const longer = { ...payment, expires_at: "2026-01-10T10:10:00+11:00", extendable: false };
    calls.extend.mockResolvedValue(longer);
    const { store } = booking(atPayStep);
    await extend(store, calls);
    expect(calls.extend).toHaveBeenCalledWith("b1", "token");
    expect(store.state).toMatchObject({
      step: "pay",
      problem: null,
      hold: { token: "token", payment: longer },
    });
  });

  it("that can't be had says why", async () => {
    calls.extend.mockRejectedValue(failure("BOOKING_NOT_PAYABLE"));
    const { store } = booking(atPayStep);
    await extend(store, calls);
    expect(store.state).toMatchObject({ step: "pay", problem: { code: "BOOKING_NOT_PAYABLE" } });
  });
});

describe("after a reload", () => {
  const saved = {
    service: "drain",
    start: EIGHT,
    details: typed,
    hold: { id: "b1", token: "token" },
    paid: false,
    attempt: null,
  };

  it("the held booking can be paid", async () => {
    calls.booking.mockResolvedValue(record);
    calls.payment.mockResolvedValue(payment);
    const { store, take } = booking();
    await take(saved);
    expect(store.state).toMatchObject({ step: "pay", hold: { token: "token", payment } });
  });

  it("a paid booking goes on being confirmed, or is at its end", async () => {
    const { store, take } = booking();
    calls.booking.mockResolvedValue(as("pending"));
    await take({ ...saved, paid: true });
    expect(store.state).toMatchObject({ step: "confirming", paid: true });
    calls.booking.mockResolvedValue(as("confirmed"));
    await take({ ...saved, paid: true });
    expect(store.state.step).toBe("done");
  });

  it("a hold that ran out leaves the form as it was", async () => {
    calls.booking.mockResolvedValue(as("expired"));
    const { store, take } = booking();
    await take(saved);
    expect(store.state).toMatchObject({ step: "details", lapsed: true, hold: null, details: typed });
  });

  it("a request that may have arrived is repeated with its own key", async () => {
    calls.book.mockResolvedValue(held);
    const { store, take } = booking();
    await take({ ...saved, hold: null, attempt: { key: "k", body: "{}" } });
    expect(calls.book).toHaveBeenCalledWith("{}", "k", expect.any(String));
    expect(store.state.step).toBe("pay");
  });

  it("without a connection nothing saved is given up", async () => {
    calls.booking.mockRejectedValue(failure("OFFLINE"));
    await expect(booking().take(saved)).rejects.toThrow("OFFLINE");
  });

  it("a quoted hold of a service that is not on offer can be paid, by the words and money of the quote", async () => {
    const quoted = {
      ...record,
      quote_url: "/quote/q",
      service: { ...record.service, id: "gone", name: "Heater" },
    };
    calls.booking.mockResolvedValue(quoted);
    calls.payment.mockResolvedValue(payment);
    const { store, take } = booking();
    await take({ ...saved, service: "gone" });
    expect(store.state).toMatchObject({ step: "pay", hold: { record: quoted } });
    expect(quotedService(quoted)).toMatchObject({ name: "Heater", deposit_cents: 3000 });
    expect(quotedService(record)).toBeNull();
  });

  it("a quoted hold that ran out, or can't be paid any more, ends with the way back to the quote", async () => {
    const quoted = { ...as("expired"), quote_url: "/quote/q" };
    calls.booking.mockResolvedValue(quoted);
    const { store, take } = booking();
    await take({ ...saved, service: "gone" });
    expect(store.state).toMatchObject({ step: "done", hold: { record: quoted } });
    calls.booking.mockResolvedValue({ ...record, quote_url: "/quote/q" });
    calls.payment.mockRejectedValue(failure("BOOKING_NOT_PAYABLE"));
    await take({ ...saved, service: "gone" });
    expect(store.state.step).toBe("done");
  });

  it("a service that is no longer sold starts again, with what was typed", async () => {
    const { store, take } = booking();
    await take({ ...saved, service: "gone", hold: null });
    expect(store.state).toEqual({ ...start, details: typed });
  });
});
