// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, it } from "vitest";
import { start, type Booking } from "../booking";
import { joe, payment, record, shareBooking } from "../testing";
import { Progress } from "./progress";

function stops(booking: Partial<Booking>, services = joe.services) {
  shareBooking({ ...start, ...booking }, { tradie: { ...joe, services } });
  act(() => render(<Progress />, document.body));
  return [...document.querySelectorAll("li")].map(({ textContent }) => textContent);
}

afterEach(() => act(() => render(null, document.body)));

it("has a stop to pay only where something is paid, or a card is saved", () => {
  const [drain, quote] = joe.services;
  expect(stops({ step: "time", service: drain!.id })).toEqual(["Job", "Time", "Details", "Pay"]);
  expect(stops({ step: "time", service: quote!.id })).toEqual(["Job", "Time", "Details"]);
  expect(stops({}, [quote!])).toEqual(["Job", "Time", "Details"]);
  const hold = { id: "b1", token: "token", record, payment };
  expect(stops({ step: "pay", service: quote!.id, hold })).toContain("Pay");
});

it("is gone once there is no way back", () => {
  expect(stops({ step: "done" })).toEqual([]);
});
