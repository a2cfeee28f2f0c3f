// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { timesOf } from "../availability";
import { start } from "../booking";
import { ApiError, NO_ANSWER } from "../errors";
import { january, joe, shareBooking, typed } from "../testing";
import { closing } from "../closing_file";
import { LeaveNumber } from "./leave_number";
import { NoTimes } from "./no_times";
import { Wait } from "./wait";

const request = vi.fn();
const none = timesOf({ ...january, first_free: null, stretches: [] });
const text = () => document.body.textContent;
const press = (name: string) =>
  act(async () => [...document.querySelectorAll("button")].find((one) => one.textContent === name)!.click());

async function show(first_free: string | null = null) {
  const times = { ...none, first_free };
  shareBooking({ ...start, service: "drain", details: typed, times }, { api: { request } });
  await act(() => render(<NoTimes />, document.body));
}

beforeEach(() => {
  request.mockReset();
  closing.file = { LeaveNumber } as unknown as typeof closing.file; // fetched while the form is filled in
});
afterEach(() => act(() => render(null, document.body)));

it("leads to the next free day, where there is one", async () => {
  await show("2026-02-03");
  expect(text()).toBe("No free times in January 2026Next free day: Tuesday 3 February");
});

it("leaves a number where there is none, with what was typed already", async () => {
  request.mockResolvedValue({});
  await show();
  expect(document.querySelector("a")!.href).toBe("tel:0255501234");
  await press("Leave your number");
  expect(document.activeElement!.id).toBe("call-name");
  await press("Please call me");
  const sent = { tradie: "joe-plumber", name: "Jo Citizen", phone: "0412 345 678", about: "Blocked drain" };
  const [path, { body, headers }] = request.mock.calls[0]!;
  expect(headers["Form-Check"]).toMatch(/^\d{1,4};0;$/);
  expect([path, JSON.parse(body)]).toEqual(["/api/callbacks", sent]);
  expect(text()).toContain("Joe's Plumbing has your number and will call you.");
});

it("says what is wrong with it", async () => {
  const fields = { phone: ["Enter a phone number."] };
  request.mockRejectedValue(new ApiError({ code: "VALIDATION_FAILED", message: "", fields }));
  await show();
  await press("Leave your number");
  await press("Please call me");
  expect(document.querySelector("[role=alert]")!.textContent).toBe("Enter a phone number.");
  expect(document.activeElement!.id).toBe("call-phone");
});

it("keeps it until there is a connection", async () => {
  request.mockRejectedValueOnce(new ApiError(NO_ANSWER)).mockResolvedValueOnce({});
  await show();
  await press("Leave your number");
  await press("Please call me");
  expect(text()).toContain("we send your number as soon as there is one");
  await act(async () => void dispatchEvent(new Event("online")));
  expect(text()).toContain("has your number");
});

it("leads to the waitlist of a business that keeps one", async () => {
  const waitlist_url = "https://book.example/book/joe-plumber/wait";
  for (const tradie of [joe, { ...joe, waitlist_url }]) {
    shareBooking({ ...start, service: "drain" }, { tradie });
    await act(() => render(<Wait />, document.body));
    expect(document.querySelector("a")?.href).toBe(
      tradie.waitlist_url && "https://book.example/book/joe-plumber/wait?service=drain",
    );
  }
});
