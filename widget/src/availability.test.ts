import { beforeEach, describe, expect, it, vi } from "vitest";
import { createApi, type Api } from "./api";
import { createAvailability, nearestStarts } from "./availability";
import { EIGHT, NINE } from "./testing";
import type { Month } from "./types";

const TEN = "2026-01-14T10:00:00+11:00";
const FOUR = "2026-01-14T16:00:00+11:00";
const NEXT_DAY = "2026-01-15T08:00:00+11:00";

const january: Month = {
  month: "2026-01",
  timezone: "Australia/Sydney",
  service: "drain",
  first_free: "2026-01-14",
  days: [
    { date: "2026-01-14", slots: 4, starts: [EIGHT, NINE, TEN, FOUR] },
    { date: "2026-01-15", slots: 1, starts: [NEXT_DAY] },
  ],
};

it("the nearest times come in the order of the day", () => {
  expect(nearestStarts(january, "2026-01-14T09:10:00+11:00")).toEqual([EIGHT, NINE, TEN]);
  expect(nearestStarts(january, NEXT_DAY, 2)).toEqual([FOUR, NEXT_DAY]);
});

describe("a month", () => {
  const month = vi.fn<Api["month"]>();
  const fresh = () => createAvailability({ ...createApi(), month }, "joe-plumber");

  beforeEach(() => void month.mockReset().mockResolvedValue(january));

  it("is asked for once while it is fresh, but again for another holder or somebody else", async () => {
    const availability = fresh();
    await availability.month("2026-01", "drain", null);
    await availability.month("2026-01", "drain", null);
    expect(month).toHaveBeenCalledTimes(1);
    await availability.month("2026-01", "drain", "token");
    await availability.month("2026-01", "drain", "token", "kim");
    expect(month).toHaveBeenCalledTimes(3);
    expect(month.mock.lastCall![0]).toMatchObject({ hold: "token", calendar: "kim" });
  });

  it("is asked for again once a time turned out to be taken", async () => {
    const availability = fresh();
    await availability.month("2026-01", "drain", null);
    availability.clear();
    await availability.month("2026-01", "drain", null);
    expect(month).toHaveBeenCalledTimes(2);
  });

  it("that could not be had is not remembered", async () => {
    const availability = fresh();
    month.mockRejectedValueOnce(new Error("offline"));
    await expect(availability.month("2026-01", "drain", null)).rejects.toThrow();
    await expect(availability.month("2026-01", "drain", null)).resolves.toBe(january);
  });
});
