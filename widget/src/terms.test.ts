import { beforeEach, expect, it, vi } from "vitest";
import { choose, start, type Booking, type Event } from "./booking";
import type { Calls } from "./calls";
import { proceed } from "./holding";
import { createStore } from "./store";
import { keepTerms, TERMS_TO_COME } from "./terms";
import { EIGHT, joe, NINE, payment, record } from "./testing";

const statement = vi.fn<Calls["statement"]>();
const onDetails: Booking = { ...start, step: "details", service: "drain", start: EIGHT };
const hold = { id: "b1", token: "token", record, payment };
const answered = () => new Promise((resolve) => setTimeout(resolve));

function keeping(booking: Partial<Booking>) {
  const store = createStore<Booking, Event>({ ...onDetails, ...booking }, choose, proceed);
  keepTerms(store, { statement }, joe);
  return {
    terms: () => store.state.terms,
    change: (booking: Partial<Booking>) => store.send({ type: "resumed", booking }),
  };
}

beforeEach(() => void vi.resetAllMocks());

it("says what cancelling costs in the server's words, and asks once for each time", async () => {
  statement.mockImplementation(async (asked) => [`As agreed for ${asked.start}.`]);
  const { terms, change } = keeping({ start: null });
  expect(statement).not.toHaveBeenCalled();
  change({ start: EIGHT });
  change({ details: { notes: "Mind the dog" } });
  await answered();
  expect(terms()).toEqual([`As agreed for ${EIGHT}.`]);
  change({ start: NINE });
  await answered();
  expect(terms()).toEqual([`As agreed for ${NINE}.`]);
  expect(statement.mock.calls).toEqual([
    [{ slug: "joe-plumber", service: "drain", start: EIGHT, hold: null }],
    [{ slug: "joe-plumber", service: "drain", start: NINE, hold: null }],
  ]);
});

it("has the booking's own words once there is one, without asking", async () => {
  const { terms } = keeping({ hold });
  await answered();
  expect(terms()).toEqual(record.policy_statement);
  expect(statement).not.toHaveBeenCalled();
});

it("asks with the hold that would move when another time is chosen", async () => {
  statement.mockResolvedValue(["As agreed."]);
  keeping({ hold, start: NINE });
  expect(statement).toHaveBeenCalledWith(expect.objectContaining({ start: NINE, hold: "token" }));
});

it("never has the words for a time that is no longer the chosen one", async () => {
  let answer: (lines: string[]) => void = () => {};
  statement.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
  statement.mockResolvedValueOnce(["For nine."]);
  const { terms, change } = keeping({});
  expect(terms()).toEqual([]);
  change({ start: NINE });
  answer(["For eight."]);
  await answered();
  expect(terms()).toEqual(["For nine."]);
});

it("lets the customer go on where the words can't be had", async () => {
  statement.mockRejectedValue(new Error("offline"));
  const { terms, change } = keeping({});
  await answered();
  expect(terms()).toEqual([TERMS_TO_COME]);
  change({ service: "quote" });
  await answered();
  expect(terms()).toEqual([]);
});
