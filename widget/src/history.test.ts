// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { choose, start, type Booking, type Event } from "./booking";
import { keepHistory } from "./history";
import { proceed } from "./holding";
import { proceedPaying } from "./paying_events";
import { createStore } from "./store";
import { EIGHT, held, record } from "./testing";

// What a browser does: entries, and a place among them.
let entries: unknown[];
let at: number;

function go(by: number) {
  at += by;
  window.dispatchEvent(new PopStateEvent("popstate", { state: entries[at] }));
}

beforeEach(() => {
  [entries, at] = [[null], 0];
  vi.spyOn(history, "replaceState").mockImplementation((state) => void (entries[at] = state));
  vi.spyOn(history, "pushState").mockImplementation((state) => {
    entries = [...entries.slice(0, ++at), state];
  });
});

function booking() {
  const store = createStore<Booking, Event>(start, choose, proceed, proceedPaying);
  keepHistory(store);
  return store;
}

const chosen: Event[] = [
  { type: "service_chosen", service: "drain" },
  { type: "time_chosen", start: EIGHT },
];
const sent: Event = { type: "booking_sent", attempt: { key: "k", body: "{}" } };
const paid: Event[] = [{ type: "payment_sent" }, { type: "payment_succeeded" }];
const confirmed: Event = { type: "record_arrived", record: { ...record, status: "confirmed" } };

it("Back goes one step back and Forward one on, with all that was chosen", () => {
  const store = booking();
  [...chosen, sent, { type: "booking_held", held } as Event].forEach(store.send);
  const steps = [-1, -1, -1, 1, 1, 1].map((by) => {
    go(by);
    return store.state.step;
  });
  expect(steps).toEqual(["details", "time", "service", "time", "details", "pay"]);
  expect(store.state).toMatchObject({ service: "drain", start: EIGHT, hold: { token: "token" } });
});

it("a step that is no longer there is the last one before it", () => {
  const store = booking();
  chosen.forEach(store.send);
  go(-2);
  store.send({ type: "service_chosen", service: "quote" });
  go(1); // there is nothing there any more
  expect(store.state).toMatchObject({ step: "time", start: null });
});

it("nothing is left while a payment is under way or being confirmed", () => {
  const store = booking();
  [...chosen, sent, { type: "booking_held", held } as Event, paid[0]!].forEach(store.send);
  go(-1);
  expect(store.state.step).toBe("pay");
  store.send(paid[1]!);
  go(-1);
  expect(store.state.step).toBe("confirming");
});

it("from the end Back leads to another booking, and Forward to the end again", () => {
  const store = booking();
  [...chosen, sent, { type: "booking_held", held } as Event, ...paid, confirmed].forEach(store.send);
  expect(entries).toEqual(["service", "time", "details", "done"]);
  go(-1);
  expect(store.state).toMatchObject({ step: "service", service: null, start: null });
  go(1);
  expect(store.state).toMatchObject({ step: "done", hold: { record: { status: "confirmed" } } });
  go(-3);
  store.send({ type: "service_chosen", service: "drain" });
  expect(store.state).toMatchObject({ step: "time", hold: null, paid: false });
});
