// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import { Times } from "./times";

const onChoose = vi.fn();

function show(date: string, starts: string[], timezone = "Australia/Sydney") {
  const day = { date, slots: starts.length, starts };
  act(() =>
    render(<Times day={day} timezone={timezone} chosen={starts[0]!} onChoose={onChoose} />, document.body),
  );
}

const labels = () => [...document.querySelectorAll("button")].map((button) => button.textContent);

afterEach(() => act(() => render(null, document.body)));

it("tells a time that happens twice apart by its zone", () => {
  show("2026-04-05", [
    "2026-04-05T01:30:00+11:00",
    "2026-04-05T02:30:00+11:00",
    "2026-04-05T02:30:00+10:00",
    "2026-04-05T03:00:00+10:00",
  ]);
  expect(labels()).toEqual(["1:30 am", "2:30 am AEDT", "2:30 am AEST", "3:00 am"]);
});

it("groups the day and says what each button books", () => {
  show("2026-01-14", ["2026-01-14T08:00:00+11:00", "2026-01-14T13:00:00+11:00", "2026-01-14T17:30:00+11:00"]);
  const groups = [...document.querySelectorAll("[role=group]")].map((group) =>
    group.getAttribute("aria-label"),
  );
  expect(groups).toEqual(["Morning", "Afternoon", "Evening"]);
  const first = document.querySelector("button")!;
  expect(first.getAttribute("aria-label")).toBe("8:00 am, Wednesday 14 January");
  expect(first.getAttribute("aria-pressed")).toBe("true");
});

it("books the exact instant that was pressed", () => {
  show("2026-04-05", ["2026-04-05T02:30:00+11:00", "2026-04-05T02:30:00+10:00"]);
  document.querySelectorAll("button")[1]!.click();
  expect(onChoose).toHaveBeenCalledWith("2026-04-05T02:30:00+10:00");
});
