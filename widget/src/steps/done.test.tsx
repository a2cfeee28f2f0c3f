// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, it } from "vitest";
import { start } from "../booking";
import { payment, record, shareBooking, typed } from "../testing";
import type { BookingRecord } from "../types";
import { DoneStep } from "./done";

function show(told: Partial<BookingRecord>) {
  const hold = { id: "b1", token: "token", payment, record: { ...record, ...told } };
  shareBooking({ ...start, step: "done", service: "drain", details: typed, hold });
  act(() => render(<DoneStep />, document.body));
}

const text = () => document.body.textContent;
const links = () => [...document.querySelectorAll("a")].map(({ textContent }) => textContent);

afterEach(() => act(() => render(null, document.body)));

it("says when they may arrive", () => {
  show({ status: "confirmed", service: { ...record.service, arrival_window_minutes: 120 } });
  expect(text()).toContain("comes to you Wed 14 Jan.");
  expect(text()).toContain("ArrivalWednesday 14 January, 8:00\xa0am – 10:00\xa0am");
});

it("says where, what is left to pay, what happens next, and leads to every calendar", () => {
  show({
    status: "confirmed",
    paid_cents: 3000,
    google_calendar_url: "https://calendar.google.example/",
    outlook_calendar_url: "https://outlook.example/",
  });
  expect(text()).toContain("You're booked in");
  expect(text()).toContain("12 Wattle St, Newtown NSW 2042");
  expect(text()).toContain("To pay after the job$150");
  expect(text()).toContain("Joe's Plumbing comes to you Wed 14 Jan.");
  expect(links()).toEqual([
    "Add to calendar",
    "Google Calendar (opens in a new tab)",
    "Outlook Calendar (opens in a new tab)",
    "Add photos of the job",
    "See, move or cancel",
  ]);
});

it("says of a request that it is none yet, and when the answer comes", () => {
  show({ status: "requested", authorised_cents: 3000, answer_by: "2026-01-12T17:00:00+11:00" });
  expect(text()).toContain("Request sent");
  expect(text()).toContain(
    "This isn't booked yet. Joe's Plumbing answers by email, by Mon 12 Jan, 5:00\xa0pm",
  );
  expect(text()).toContain("your card is charged only if they say yes");
  expect(document.querySelector(".tick.waits")).not.toBeNull();
  expect(links()).toEqual(["Add photos of the job", "See, move or cancel"]);
});

it("leads to where photos of the job are added", () => {
  show({ status: "confirmed", manage_url: `${location.origin}/manage/t` });
  const photos = [...document.querySelectorAll("a")].find((link) => link.textContent!.includes("photos"))!;
  expect(photos.href).toBe(`${location.origin}/manage/t/photos`);
  expect(photos.target).toBe("_self");
});

it("opens the booking where it stands, and from another origin beside it", () => {
  const target = () => [...document.querySelectorAll("a")].pop()!.target;
  show({ status: "confirmed", manage_url: `${location.origin}/manage/t` });
  expect(target()).toBe("_self");
  show({ status: "confirmed", manage_url: "https://book.example.com.au/manage/t" });
  expect(target()).toBe("_blank");
});
