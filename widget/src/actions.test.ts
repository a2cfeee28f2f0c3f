// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createActions } from "./actions";
import type { Api } from "./api";
import { next, start, type Booking } from "./booking";
import { ApiError } from "./errors";
import { quotedService } from "./quoted";
import { createStore } from "./store";
import { EIGHT, held, joe, NINE, payment, record, typed } from "./testing";
import type { BookingRecord } from "./types";

const api = {
  tradie: vi.fn<Api["tradie"]>(),
  month: vi.fn<Api["month"]>(),
  statement: vi.fn<Api["statement"]>(),
  book: vi.fn<Api["book"]>(),
  booking: vi.fn<Api["booking"]>(),
  payment: vi.fn<Api["payment"]>(),
  confirm: vi.fn<Api["confirm"]>(),
  now: () => 0,
};
const availability = { month: vi.fn(), clear: vi.fn() };
const failure = (code: string) => new ApiError({ code, message: "" });
const as = (status: BookingRecord["status"]): BookingRecord => ({ ...record, status });

function booking(from: Partial<Booking> = {}) {
  const store = createStore(next, { ...start, ...from });
  return { store, actions: createActions({ store, api, tradie: joe, availability }) };
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
    expect(api.book).not.toHaveBeenCalled();
    expect(store.state.problem?.fields).toHaveProperty(["customer.email"]);
  });

  it("is asked for once, however often the button is pressed", async () => {
    api.book.mockResolvedValue(held);
    const { store, actions } = booking(filledIn);
    await Promise.all([actions.hold(), actions.hold(), actions.hold()]);
    expect(api.book).toHaveBeenCalledTimes(1);
    expect(store.state.step).toBe("pay");
  });

  it("after a lost answer is asked for with the same key, after any change with a new one", async () => {
    api.book.mockRejectedValue(failure("OFFLINE"));
    const { actions } = booking(filledIn);
    await actions.hold();
    await actions.hold();
    actions.send({ type: "typed", name: "notes", value: "Mind the dog" });
    await actions.hold();
    const [first, again, changed] = api.book.mock.calls.map(([, key]) => key);
    expect(again).toBe(first);
    expect(changed).not.toBe(first);
  });

  it("after an answer gets a new key even if nothing changed", async () => {
    api.book.mockRejectedValue(failure("PAYMENT_PROVIDER_UNAVAILABLE"));
    const { actions } = booking(filledIn);
    await actions.hold();
    await actions.hold();
    const [first, again] = api.book.mock.calls.map(([, key]) => key);
    expect(again).not.toBe(first);
  });

  it("moves the one already held", async () => {
    api.book.mockResolvedValue(held);
    const { actions } = booking(atPayStep);
    await actions.holdAt(NINE);
    expect(JSON.parse(api.book.mock.calls[0]![0])).toMatchObject({ start: NINE, hold: "token" });
  });

  it("that was paid for meanwhile is not moved but confirmed", async () => {
    api.book.mockRejectedValue(failure("BOOKING_NOT_CHANGEABLE"));
    const { store, actions } = booking(atPayStep);
    await actions.holdAt(NINE);
    expect(store.state).toMatchObject({ step: "confirming", paid: true });
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
    api.booking.mockResolvedValue(record);
    api.payment.mockResolvedValue(payment);
    const { store, actions } = booking();
    await actions.resume(saved);
    expect(store.state).toMatchObject({ step: "pay", hold: { token: "token", payment } });
  });

  it("a paid booking goes on being confirmed, or is at its end", async () => {
    const { store, actions } = booking();
    api.booking.mockResolvedValue(as("pending"));
    await actions.resume({ ...saved, paid: true });
    expect(store.state).toMatchObject({ step: "confirming", paid: true });
    api.booking.mockResolvedValue(as("confirmed"));
    await actions.resume({ ...saved, paid: true });
    expect(store.state.step).toBe("done");
  });

  it("a hold that ran out leaves the form as it was", async () => {
    api.booking.mockResolvedValue(as("expired"));
    const { store, actions } = booking();
    await actions.resume(saved);
    expect(store.state).toMatchObject({ step: "details", lapsed: true, hold: null, details: typed });
  });

  it("a request that may have arrived is repeated with its own key", async () => {
    api.book.mockResolvedValue(held);
    const { store, actions } = booking();
    await actions.resume({ ...saved, hold: null, attempt: { key: "k", body: "{}" } });
    expect(api.book).toHaveBeenCalledWith("{}", "k");
    expect(store.state.step).toBe("pay");
  });

  it("without a connection nothing saved is given up", async () => {
    api.booking.mockRejectedValue(failure("OFFLINE"));
    await expect(booking().actions.resume(saved)).rejects.toThrow("OFFLINE");
  });

  it("a quoted hold of a service that is not on offer can be paid, by the words and money of the quote", async () => {
    const quoted = {
      ...record,
      quote_url: "/quote/q",
      service: { ...record.service, id: "gone", name: "Heater" },
    };
    api.booking.mockResolvedValue(quoted);
    api.payment.mockResolvedValue(payment);
    const { store, actions } = booking();
    await actions.resume({ ...saved, service: "gone" });
    expect(store.state).toMatchObject({ step: "pay", hold: { record: quoted } });
    expect(quotedService(quoted)).toMatchObject({ name: "Heater", deposit_cents: 3000 });
    expect(quotedService(record)).toBeNull();
  });

  it("a quoted hold that ran out, or can't be paid any more, ends with the way back to the quote", async () => {
    const quoted = { ...as("expired"), quote_url: "/quote/q" };
    api.booking.mockResolvedValue(quoted);
    const { store, actions } = booking();
    await actions.resume({ ...saved, service: "gone" });
    expect(store.state).toMatchObject({ step: "done", hold: { record: quoted } });
    api.booking.mockResolvedValue({ ...record, quote_url: "/quote/q" });
    api.payment.mockRejectedValue(failure("BOOKING_NOT_PAYABLE"));
    await actions.resume({ ...saved, service: "gone" });
    expect(store.state.step).toBe("done");
  });

  it("a service that is no longer sold starts again, with what was typed", async () => {
    const { store, actions } = booking();
    await actions.resume({ ...saved, service: "gone", hold: null });
    expect(store.state).toEqual({ ...start, details: typed });
  });
});
