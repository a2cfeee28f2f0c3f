// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { start, type Booking } from "./booking";
import { payment, record } from "./testing";

const postMessage = vi.fn();
vi.stubGlobal("parent", { postMessage }); // the page around a frame
const { createTelling } = await import("./telling");

const told = () => postMessage.mock.calls.map(([{ type, status, code }]) => [type, status ?? code]);
const held: Booking = { ...start, step: "pay", hold: { id: "b1", token: "t", record, payment } };
const booked: Booking = {
  ...held,
  step: "done",
  hold: { ...held.hold!, record: { ...record, status: "confirmed" } },
};

beforeEach(() => postMessage.mockReset());

it("tells of a time that is held, of a problem and of the booking, once each and in that order", () => {
  const tell = createTelling();
  const declined = { ...held, problem: { code: "CARD_DECLINED", message: "No." } };
  const mending = { ...held, problem: { ...declined.problem } };
  [start, held, held, declined, mending, held, booked, booked].forEach(tell);
  expect(told()).toEqual([
    ["booking-created", "pending"],
    ["error", "CARD_DECLINED"],
    ["booking-confirmed", "confirmed"],
  ]);
});

it("tells nothing of what a reload took up", () => {
  [held, booked].forEach((at) => createTelling()(at));
  expect(told()).toEqual([]);
});

it("tells of another booking after that", () => {
  const tell = createTelling();
  [booked, start, { ...held, hold: { ...held.hold!, id: "b2" } }].forEach(tell);
  expect(told()).toEqual([["booking-created", "pending"]]);
});

it("never says who books, and no token", () => {
  const tell = createTelling();
  [start, held, booked].forEach(tell);
  for (const [message] of postMessage.mock.calls)
    expect(Object.keys(message).sort()).toEqual([
      "reference",
      "service",
      "source",
      "start",
      "status",
      "type",
    ]);
});
