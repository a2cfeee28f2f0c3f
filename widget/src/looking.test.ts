import { beforeEach, expect, it, vi } from "vitest";
import { timesOf, type Availability } from "./availability";
import { choose, start, type Booking, type Event } from "./booking";
import { ApiError, NO_ANSWER } from "./errors";
import { keepLooking } from "./looking";
import { createStore } from "./store";
import { january } from "./testing";
import type { Month } from "./types";

const month = vi.fn<Availability["month"]>();
const told = vi.fn();
const answered = () => new Promise((resolve) => setTimeout(resolve));
const times: Month = timesOf(january);
const february: Month = { ...times, month: "2026-02", starts: {} };

function looking(details: Booking["details"] = {}) {
  const store = createStore<Booking, Event>({ ...start, details }, choose);
  const again = keepLooking(store, { month, keep: vi.fn(), clear: vi.fn() }, told);
  return { store, again, service: () => store.send({ type: "service_chosen", service: "drain" }) };
}

beforeEach(() => void vi.resetAllMocks());

it("shows the first month with a free time, and its first day", async () => {
  month.mockResolvedValue(times);
  const { store, service } = looking();
  expect(month).not.toHaveBeenCalled();
  service();
  expect(month).toHaveBeenCalledWith({ service: "drain", calendar: null, month: null });
  expect(store.state.looking).toBe(true);
  await answered();
  expect(store.state).toMatchObject({ looking: false, month: "2026-01", day: "2026-01-14", times });
  expect(told).toHaveBeenCalledTimes(1);
});

it("asks for the times that suit where the job is, once they have said so", async () => {
  month.mockResolvedValue(times);
  looking({ "address.postcode": "2042" }).service();
  await answered();
  expect(month.mock.calls.map(([wanted]) => wanted.postcode)).toEqual(["2042", "2042"]);
});

it("asks ahead for the next month, so that paging on waits for nothing", async () => {
  month.mockResolvedValue(times);
  looking().service();
  await answered();
  expect(month.mock.calls.map(([wanted]) => wanted.month)).toEqual([null, "2026-02"]);
});

it("keeps the day that is looked at, where it is free for whoever is asked for then", async () => {
  month.mockResolvedValue(times);
  const { store, service } = looking();
  service();
  await answered();
  store.send({ type: "turned", to: { day: "2026-01-15" } });
  store.send({ type: "calendar_chosen", calendar: "kim" });
  await answered();
  expect(store.state.day).toBe("2026-01-15");
  expect(month.mock.lastCall![0]).toMatchObject({ calendar: "kim" });
});

it("never shows a month that was paged over", async () => {
  const answers: ((times: Month) => void)[] = [];
  month.mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
  const { store, service } = looking();
  service();
  store.send({ type: "turned", to: { month: "2026-02" } });
  answers[1]!(february);
  answers[0]!(times);
  await answered();
  expect(store.state).toMatchObject({ month: "2026-02", day: null, times: february });
});

it("says when it can't be had, and asks again only when told to", async () => {
  month.mockRejectedValueOnce(new ApiError(NO_ANSWER)).mockResolvedValue(times);
  const { store, service, again } = looking();
  service();
  await answered();
  expect(store.state).toMatchObject({ looking: false, problem: NO_ANSWER });
  expect(month).toHaveBeenCalledTimes(1);
  again();
  await answered();
  expect(store.state).toMatchObject({ problem: null, times });
});
