// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { start } from "../booking";
import { drain, joe, shareBooking } from "../testing";
import { Times } from "./times";

const onChoose = vi.fn();

const zones = { "+11:00": "AEDT", "+10:00": "AEST", "+10:30": "GMT+10:30" };

function show(date: string, starts: string[], timezone = "Australia/Sydney") {
  const props = { date, starts, zones, timezone, chosen: starts[0]!, onChoose };
  act(() => render(<Times {...props} />, document.body));
}

const labels = () => [...document.querySelectorAll("button")].map((button) => button.textContent);

beforeEach(() => shareBooking(start));
afterEach(() => act(() => render(null, document.body)));

it("tells the times of a day on which the clocks change apart by their zones", () => {
  show("2026-04-05", ["2026-04-05T01:30:00+11:00", "2026-04-05T02:30:00+11:00", "2026-04-05T02:30:00+10:00"]);
  expect(labels()).toEqual(["1:30\xa0am AEDT", "2:30\xa0am AEDT", "2:30\xa0am AEST"]);
  expect(document.body.textContent).toContain("The clocks change on this day.");
});

it("says whose clock it is", () => {
  show("2026-01-14", ["2026-01-14T08:00:00+11:00"]);
  expect(document.body.textContent).toContain("AEDT, Sydney time");
  show("2026-06-14", ["2026-06-14T08:00:00+10:30"], "Australia/Lord_Howe");
  expect(document.querySelector(".hint")!.textContent).toBe("Lord Howe time");
});

it("says until when they may arrive, on the clock of the place", () => {
  const services = [{ ...drain, arrival_window_minutes: 120 }];
  shareBooking({ ...start, service: "drain" }, { tradie: { ...joe, services } });
  show("2026-01-14", ["2026-01-14T11:00:00+11:00"]);
  expect(labels()).toEqual(["11:00\xa0am – 1:00\xa0pm"]);
  expect(document.querySelector("button")!.getAttribute("aria-label")).toBe(
    "11:00\xa0am – 1:00\xa0pm, Wednesday 14 January",
  );
  show("2026-04-05", ["2026-04-05T01:30:00+11:00"]); // the clock is put back at three
  expect(labels()).toEqual(["1:30\xa0am – 2:30\xa0am"]);
});

it("groups the day and says what each button books", () => {
  show("2026-01-14", ["2026-01-14T08:00:00+11:00", "2026-01-14T13:00:00+11:00", "2026-01-14T17:30:00+11:00"]);
  const groups = [...document.querySelectorAll("[role=group]")].map((group) =>
    group.getAttribute("aria-label"),
  );
  expect(groups).toEqual(["Morning", "Afternoon", "Evening"]);
  const first = document.querySelector("button")!;
  expect(first.getAttribute("aria-label")).toBe("8:00\xa0am, Wednesday 14 January");
  expect(first.getAttribute("aria-pressed")).toBe("true");
});

it("books the exact instant that was pressed", () => {
  show("2026-04-05", ["2026-04-05T02:30:00+11:00", "2026-04-05T02:30:00+10:00"]);
  document.querySelectorAll("button")[1]!.click();
  expect(onChoose).toHaveBeenCalledWith("2026-04-05T02:30:00+10:00");
});
