// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import type { Month } from "../types";
import { Calendar } from "./calendar";

/** January 2026 with three free times on every Wednesday. */
const january: Month = {
  month: "2026-01",
  timezone: "Australia/Sydney",
  service: "drain",
  first_free: "2026-01-07",
  days: Array.from({ length: 31 }, (_, index) => {
    const slots = index % 7 === 6 ? 3 : 0;
    return { date: `2026-01-${String(index + 1).padStart(2, "0")}`, slots, starts: [] };
  }),
};

const onChoose = vi.fn();
const onMonth = vi.fn();

function show(chosen: string | null = "2026-01-14") {
  const props = { month: january, chosen, today: "2026-01-05", canGoOn: true, onChoose, onMonth };
  act(() => render(<Calendar {...props} />, document.body));
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
  expect(names[6]).toBe("Wednesday 7 January, 3 times free");
  expect(names[4]).toBe("Today, Monday 5 January, no times free");
});

it("starts its weeks on Monday", () => {
  show();
  const firstRow = [...document.querySelectorAll("tbody tr:first-child td")].map((cell) => cell.textContent);
  expect(firstRow).toEqual(["", "", "", "1", "2", "3", "4"]);
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
  expect(onMonth).toHaveBeenCalledWith("2026-02");
  press("PageDown");
  expect(onMonth).toHaveBeenCalledTimes(2);
  press("PageUp");
  expect(focused()).toBe("Thursday 1 January, no times free");
  expect(onMonth).toHaveBeenCalledTimes(2);
});

it("only lets days with free times be chosen", () => {
  show();
  const day = (label: string) => document.querySelector<HTMLElement>(`[aria-label^="${label}"]`)!;
  day("Thursday 15").click();
  day("Wednesday 21").click();
  expect(onChoose.mock.calls).toEqual([["2026-01-21"]]);
});
