import { beforeEach, expect, it, vi } from "vitest";
import { choose, start, type Booking, type Event } from "./booking";
import type { Calls } from "./calls";
import { ApiError } from "./errors";
import { proceed } from "./holding";
import { proceedPaying } from "./paying_events";
import { pay, settle } from "./paying";
import { createStore } from "./store";
import { EIGHT, payment, record, typed } from "./testing";
import type { BookingRecord } from "./types";

const confirm = vi.fn<Calls["confirm"]>();
const look = vi.fn<Calls["booking"]>();
const calls = { confirm, booking: look } as unknown as Calls;
const api = { calls, now: Date.now };
const wait = () => Promise.resolve();
const as = (status: BookingRecord["status"]): BookingRecord => ({ ...record, status });

const atPayStep: Booking = {
  ...start,
  step: "pay",
  service: "drain",
  start: EIGHT,
  details: typed,
  hold: { id: "b1", token: "token", record, payment },
};
const booking = (from: Partial<Booking> = {}) =>
  createStore<Booking, Event>({ ...atPayStep, ...from }, choose, proceed, proceedPaying);

beforeEach(() => vi.resetAllMocks());

it("a payment that went through is waited on", async () => {
  const store = booking();
  await pay(store, api, async () => ({ kind: "paid" }));
  expect(store.state).toMatchObject({ step: "confirming", paid: true, busy: false });
});

it("is paid once, however often the button is pressed", async () => {
  const store = booking();
  const stripe = vi.fn(async () => ({ kind: "paid" as const }));
  await Promise.all([pay(store, api, stripe), pay(store, api, stripe)]);
  expect(stripe).toHaveBeenCalledTimes(1);
});

it("is not paid after the hold has lapsed", async () => {
  const stripe = vi.fn(async () => ({ kind: "paid" as const }));
  await pay(booking({ lapsed: true }), api, stripe);
  expect(stripe).not.toHaveBeenCalled();
});

it("a card that the bank refused can be followed by another", async () => {
  const store = booking();
  const declined = async () => ({ kind: "declined", message: "Your card was declined." }) as const;
  await pay(store, { ...api, now: () => Date.parse(payment.expires_at) - 250_000 }, declined);
  expect(store.state).toMatchObject({
    step: "pay",
    problem: {
      message:
        "Your card was declined. Nothing was charged, and your time is still held for 4 more minutes: try another card.",
    },
  });
  expect(confirm).not.toHaveBeenCalled();
  await pay(store, api, async () => ({ kind: "paid" }));
  expect(store.state.step).toBe("confirming");
});

it("when the connection broke the server is asked before anything is said to have failed", async () => {
  const store = booking();
  const broken = () => Promise.reject(new Error("network"));
  confirm.mockResolvedValue(as("pending"));
  await pay(store, api, broken, wait);
  expect(store.state).toMatchObject({ step: "pay", paid: false });
  expect(store.state.problem?.message).toMatch(/^We don't know yet whether your payment went through/);
  confirm.mockRejectedValueOnce(new Error("still away")).mockResolvedValue(as("confirmed"));
  await pay(store, api, broken, wait);
  expect(store.state.step).toBe("confirming");
});

it("waits through a slow server and a lost answer until it says confirmed", async () => {
  confirm.mockResolvedValue(as("pending"));
  look
    .mockRejectedValueOnce(new ApiError({ code: "OFFLINE", message: "" }))
    .mockResolvedValue(as("confirmed"));
  const store = booking({ step: "confirming", paid: true });
  await settle(store, calls, wait);
  expect(store.state).toMatchObject({ step: "done", hold: { record: { status: "confirmed" } } });
});

it("says so honestly when confirming takes long", async () => {
  confirm.mockResolvedValue(as("pending"));
  look.mockResolvedValue(as("pending"));
  const store = booking({ step: "confirming", paid: true });
  await settle(store, calls, wait);
  expect(store.state).toMatchObject({ step: "confirming", slow: true });
});

it("says so after 8 seconds, also where the server gives no answer at all", async () => {
  vi.useFakeTimers();
  confirm.mockReturnValue(new Promise(() => {}));
  const store = booking({ step: "confirming", paid: true });
  void settle(store, calls);
  await vi.advanceTimersByTimeAsync(7_900);
  expect(store.state.slow).toBe(false);
  await vi.advanceTimersByTimeAsync(100);
  expect(store.state).toMatchObject({ step: "confirming", slow: true });
  vi.useRealTimers();
});

it("tells when the money came too late for the time", async () => {
  confirm.mockResolvedValue(as("lost"));
  const store = booking({ step: "confirming", paid: true });
  await settle(store, calls, wait);
  expect(store.state).toMatchObject({ step: "done", hold: { record: { status: "lost" } } });
});
