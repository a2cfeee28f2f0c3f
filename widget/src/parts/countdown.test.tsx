// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createApi } from "../api";
import { start } from "../booking";
import { shareBooking } from "../testing";
import { Countdown } from "./countdown";

const onEnd = vi.fn();

const onMore = vi.fn();

function show(
  seconds: number,
  until = new Date(Date.now() + seconds * 1000).toISOString(),
  more?: () => void,
) {
  shareBooking(start, { api: createApi() });
  act(() => render(<Countdown until={until} onEnd={onEnd} onMore={more} />, document.body));
}

const pass = (seconds: number) => act(() => void vi.advanceTimersByTime(seconds * 1000));
const shown = () => document.querySelector("[role=timer]")?.textContent;
const spoken = () => document.querySelector("[aria-live]")?.textContent;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  act(() => render(null, document.body));
  vi.useRealTimers();
  onEnd.mockReset();
});

it("shows every second and speaks only now and then", async () => {
  show(305);
  expect(shown()).toBe("5:05");
  await pass(4);
  expect(shown()).toBe("5:01");
  expect(spoken()).toBe("");
  await pass(1);
  expect(spoken()).toBe("Your time is held for 5 minutes more.");
  await pass(100);
  expect(shown()).toBe("3:20");
  expect(spoken()).toBe("Your time is held for 5 minutes more.");
});

it("speaks up too when a sleeping tab wakes after the moment", async () => {
  show(130);
  vi.setSystemTime(Date.now() + 40_000);
  await pass(1);
  expect(shown()).toBe("1:29");
  expect(spoken()).toBe("Your time is held for 1 minute more.");
});

it("warns in the last two minutes", async () => {
  show(121);
  expect(document.body.textContent).not.toContain("to keep it");
  await pass(1);
  expect(document.body.textContent).toContain("2:00. Pay before then to keep it.");
});

it("offers more time in the last two minutes, where there is some", async () => {
  const offered = () => document.querySelector("button");
  show(121);
  await pass(1);
  expect(offered()).toBeNull();
  act(() => render(null, document.body));
  show(121, undefined, onMore);
  expect(offered()).toBeNull();
  await pass(1);
  offered()!.click();
  expect(onMore).toHaveBeenCalledTimes(1);
});

it("speaks of the time that they got more", async () => {
  show(121);
  await pass(1);
  expect(spoken()).toBe("Your time is held for 2 minutes more.");
  show(600);
  await pass(1);
  expect(spoken()).toBe("Your time is held for 10 minutes more.");
});

it("says of a long hold until when, as people do", () => {
  show(86_399, "2126-01-14T08:00:00+11:00");
  expect(shown()).toBeUndefined();
  expect(document.body.textContent).toContain("Your time is held until Mon 14 Jan, 8:00\xa0am.");
});

it("says once that it is over", async () => {
  show(2);
  await pass(5);
  expect(shown()).toBe("0:00");
  expect(onEnd).toHaveBeenCalledTimes(1);
});
