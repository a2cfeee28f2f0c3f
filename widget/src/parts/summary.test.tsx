// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createApi, type Api } from "../api";
import { start, type Booking } from "../booking";
import { SharedContext, type Shared } from "../context";
import { TERMS_TO_COME } from "../statement";
import { EIGHT, joe, NINE, payment, record, withKim } from "../testing";
import { Summary } from "./summary";

const statement = vi.fn<Api["statement"]>();
const onDetails: Booking = { ...start, step: "details", service: "drain", start: EIGHT };
const hold = { id: "b1", token: "token", record, payment };

async function show(booking: Booking, tradie = joe) {
  const service = tradie.services.find(({ id }) => id === booking.service) ?? null;
  const shared = { tradie, booking, service, api: { ...createApi(), statement } } as unknown as Shared;
  const summary = (
    <SharedContext.Provider value={shared}>
      <Summary />
    </SharedContext.Provider>
  );
  await act(async () => render(summary, document.body));
}

const lines = () => [...document.querySelectorAll(".policy li")].map(({ textContent }) => textContent);

beforeEach(() => void vi.resetAllMocks());
afterEach(() => act(() => render(null, document.body)));

it("says who was asked for, and nothing for anybody", async () => {
  statement.mockResolvedValue([]);
  const names = () => [...document.querySelectorAll("dt")].map(({ textContent }) => textContent);
  await show(onDetails, withKim);
  expect(names()).not.toContain("Who");
  await show({ ...onDetails, calendar: "kim" }, withKim);
  expect(names()).toContain("Who");
  expect(document.body.textContent).toContain("Kim");
});

it("says what cancelling costs in the server's words, and asks once for each time", async () => {
  statement.mockImplementation(async (asked) => [`As agreed for ${asked.start}.`]);
  await show({ ...start, service: "drain" });
  expect(statement).not.toHaveBeenCalled();
  await show(onDetails);
  await show({ ...onDetails, details: { notes: "Mind the dog" } });
  expect(lines()).toEqual([`As agreed for ${EIGHT}.`]);
  await show({ ...onDetails, start: NINE });
  expect(lines()).toEqual([`As agreed for ${NINE}.`]);
  expect(statement.mock.calls).toEqual([
    [{ slug: "joe-plumber", service: "drain", start: EIGHT, hold: null }],
    [{ slug: "joe-plumber", service: "drain", start: NINE, hold: null }],
  ]);
});

it("shows the booking's own words once there is one, without asking", async () => {
  await show({ ...onDetails, step: "pay", hold });
  expect(lines()).toEqual(record.policy_statement);
  expect(statement).not.toHaveBeenCalled();
});

it("asks with the hold that would move when another time is chosen", async () => {
  statement.mockResolvedValue(["As agreed."]);
  await show({ ...onDetails, hold, start: NINE });
  expect(statement).toHaveBeenCalledWith(expect.objectContaining({ start: NINE, hold: "token" }));
});

it("never shows the words for a time that is no longer the chosen one", async () => {
  let answer: (lines: string[]) => void = () => {};
  statement.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
  statement.mockResolvedValueOnce(["For nine."]);
  await show(onDetails);
  expect(lines()).toEqual([]);
  await show({ ...onDetails, start: NINE });
  await act(async () => answer(["For eight."]));
  expect(lines()).toEqual(["For nine."]);
});

it("lets the customer go on where the words can't be had", async () => {
  statement.mockRejectedValue(new Error("offline"));
  await show(onDetails);
  expect(lines()).toEqual([TERMS_TO_COME]);
  await show({ ...onDetails, service: "quote" });
  expect(lines()).toEqual([]);
});
