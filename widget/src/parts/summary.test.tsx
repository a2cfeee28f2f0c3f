// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { start, type Booking } from "../booking";
import { drain, EIGHT, joe, shareBooking, withKim } from "../testing";
import { Summary } from "./summary";

const onDetails: Booking = { ...start, step: "details", service: "drain", start: EIGHT };

function show(booking: Booking, tradie = joe) {
  shareBooking(booking, { tradie });
  act(() => render(<Summary />, document.body));
}

const names = () => [...document.querySelectorAll("dt")].map(({ textContent }) => textContent);
const text = () => document.body.textContent;

beforeEach(() => void vi.stubGlobal("matchMedia", () => ({ matches: true })));
afterEach(() => act(() => render(null, document.body)));

it("is one line that opens where there is little room", () => {
  show(onDetails);
  expect(document.querySelector("summary")).toBeNull();
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
  show(onDetails);
  expect(document.querySelector("details:not([open]) > summary")!.textContent).toBe(
    "Blocked drain, Wed 14 Jan, 8:00\xa0am, $30",
  );
});

it("says who was asked for, and nothing for anybody", () => {
  show(onDetails, withKim);
  expect(names()).not.toContain("Who");
  show({ ...onDetails, calendar: "kim" }, withKim);
  expect(names()).toContain("Who");
  expect(text()).toContain("Kim");
});

it("says what is paid now and what after the job", () => {
  show(onDetails);
  expect(text()).toContain("Pay now$30$150 after the job");
});

it("says when they may arrive", () => {
  show(onDetails);
  expect(names()).toContain("When");
  show(onDetails, { ...joe, services: [{ ...drain, arrival_window_minutes: 120 }] });
  expect(names()).toContain("Arrival");
  expect(text()).toMatch(/\w+ \d+ \w+, \d+:00\xa0am – \d+:00\xa0[ap]m/);
});

it("says nothing of paying where nothing ever is, and never $0", () => {
  const services = [{ ...drain, deposit_cents: 0, price_cents: 0 }];
  show(onDetails, { ...joe, services });
  expect(names()).toEqual(["Job", "When"]);
  show(onDetails, { ...joe, services: [{ ...drain, deposit_cents: 0 }] });
  expect(text()).toContain("Pay nowNothing$180 after the job");
  expect(text()).not.toContain("$0");
});
