// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import type { Month } from "../types";
import { Calendar } from "./calendar";
import * as keys from "./calendar_keys";

/** January 2026 with three free times on every Wednesday. */
const january: Month = {
  month: "2026-01",
  first_free: "2026-01-07",
  starts: Object.fromEntries(
    [7, 14, 21, 28].map((day) => [`2026-01-${String(day).padStart(2, "0")}`, ["a", "b", "c"]]),
  ),
  zones: {},
};

const onTurn = vi.fn();

function show(chosen: string | null = "2026-01-14", today = "2026-01-05") {
  act(() =>
    render(
      <Calendar month={january} chosen={chosen} today={today} onTurn={onTurn} keys={keys} />,
      document.body,
    ),
  );
}

const focused = () => document.activeElement?.getAttribute("aria-label");
const tabStops = () => [...document.querySelectorAll<HTMLElement>("td [tabindex='0']")];

function press(...keys: string[]) {
  for (const key of keys)
    act(
      () => void document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })),
    );
}

afterEach(() => {
  act(() => render(null, document.body));
  vi.resetAllMocks();
});

it("names its days in full", () => {
  show();
  const names = [...document.querySelectorAll("td button")].map((day) => day.getAttribute("aria-label"));
  expect(names[2]).toBe("Wednesday 7 January, 3 times free");
  expect(names[0]).toBe("Today, Monday 5 January, no times free");
});

it("starts its weeks on Monday", () => {
  show("2026-01-14", "2025-12-31");
  const firstRow = [...document.querySelectorAll("tbody tr:first-child td")].map((cell) => cell.textContent);
  expect(firstRow).toEqual(["", "", "", "1", "2", "3", "4"]);
});

it("leaves out the weeks that are over", () => {
  show("2026-01-28", "2026-01-28");
  const rows = [...document.querySelectorAll("tbody tr")].map((row) => row.textContent);
  expect(rows).toEqual(["262728293031"]);
});

it("is one tab stop, on the chosen day", () => {
  show();
  expect(tabStops().map((day) => day.textContent)).toEqual(["14"]);
});

it("moves with the arrow keys, and to the ends of the week", () => {
  show();
  tabStops()[0]!.focus();
  press("ArrowRight", "ArrowDown");
  expect(focused()).toBe("Thursday 22 January, no times free");
  press("Home");
  expect(focused()).toBe("Monday 19 January, no times free");
  press("End", "ArrowUp", "ArrowLeft");
  expect(focused()).toBe("Saturday 17 January, no times free");
});

it("goes on into the next month, but not before this one", () => {
  show("2026-01-28");
  tabStops()[0]!.focus();
  press("ArrowDown");
  expect(onTurn).toHaveBeenCalledWith({ month: "2026-02" });
  press("PageDown");
  expect(onTurn).toHaveBeenCalledTimes(2);
  press("PageUp");
  expect(focused()).toBe("Today, Monday 5 January, no times free");
  expect(onTurn).toHaveBeenCalledTimes(2);
});

it("pages from the last day of a month to the next, however short that is", () => {
  show("2026-01-28");
  tabStops()[0]!.focus();
  press("ArrowRight", "ArrowRight", "ArrowRight", "PageDown");
  expect(onTurn.mock.calls).toEqual([[{ month: "2026-02" }]]);
});

it("only lets days with free times be chosen", () => {
  show();
  const day = (label: string) => document.querySelector<HTMLElement>(`[aria-label^="${label}"]`)!;
  day("Thursday 15").click();
  day("Wednesday 21").click();
  expect(onTurn.mock.calls).toEqual([[{ day: "2026-01-21" }]]);
});
