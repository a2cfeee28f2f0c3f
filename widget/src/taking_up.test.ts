// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { choose, start, type Booking, type Details, type Event, type Step } from "./booking";
import { createStore } from "./store";
import { EIGHT, shareBooking, withKim } from "./testing";
import { takeUp } from "./taking_up";

it("asks for whom the page's address names, if customers may choose them", async () => {
  const chosen = async (search: string) => {
    const send = vi.fn();
    const store = { state: { ...start, service: "drain" }, send, learn: () => {}, subscribe: () => {} };
    shareBooking(start, { tradie: withKim, store });
    history.replaceState(null, "", `/book/joe${search}`);
    await takeUp("", null);
    return send.mock.calls.flat();
  };
  expect(await chosen("?calendar=kim")).toEqual([{ type: "calendar_chosen", calendar: "kim" }]);
  expect(await chosen("?calendar=somebody")).toEqual([]);
  expect(await chosen("")).toEqual([]);
});

it("lays the steps anew that led to where a reload took it up", async () => {
  const passed = async (state: Step | null) => {
    history.replaceState(state, "", "/book/joe");
    const replaced = vi.spyOn(history, "replaceState");
    const store = createStore<Booking, Event>({ ...start, service: "drain" }, choose);
    shareBooking(start, { store });
    const saved = { step: "details", service: "drain", start: EIGHT, details: {}, hold: null } as const;
    await takeUp("", { ...saved, paid: false, attempt: null });
    const found = replaced.mock.calls.map(([step]) => step as Step);
    replaced.mockRestore();
    return found;
  };
  expect(await passed(null)).toEqual(["service", "time"]);
  expect(await passed("details")).toEqual([]); // as a page of its own, which keeps them
});

it("fills in what the page around knows of who books, once, and never over what they typed", async () => {
  const filledIn = async (details: Details | null) => {
    history.replaceState(
      null,
      "",
      "/book/joe#name=Jo+Citizen&email=jo%40example.com&phone=%2B61412345678&rude=1",
    );
    const store = createStore<Booking, Event>({ ...start, service: "drain" }, choose);
    shareBooking(start, { store });
    await takeUp(
      "",
      details && { service: "drain", start: EIGHT, details, hold: null, paid: false, attempt: null },
    );
    return [store.state.details, location.hash];
  };
  const known = {
    "customer.name": "Jo Citizen",
    "customer.email": "jo@example.com",
    "customer.phone": "+61412345678",
  };
  expect(await filledIn(null)).toEqual([known, ""]);
  const typed = { "customer.name": "Jo Bloggs", "customer.email": "" };
  expect(await filledIn(typed)).toEqual([{ ...known, ...typed }, ""]);
});
