import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Api } from "./api";
import { createAvailability, timesOf } from "./availability";
import { nearestStarts } from "./nearest";
import { EIGHT, january, NINE } from "./testing";
import type { MonthInMinutes } from "./types";

const TEN = "2026-01-14T10:00:00+11:00";
const FOUR = "2026-01-14T16:00:00+11:00";
const NEXT_DAY = "2026-01-15T08:00:00+11:00";
const times = timesOf(january);

it("are told as minutes of each day, with the offset that they have", () => {
  expect(times.starts).toEqual({ "2026-01-14": [EIGHT, NINE, TEN, FOUR], "2026-01-15": [NEXT_DAY] });
  expect(times.zones).toEqual({ "+11:00": "AEDT" });
});

it("of a day on which the clocks change have either offset", () => {
  const change: MonthInMinutes = {
    ...january,
    stretches: [
      { offset: "+11:00", zone: "AEDT", days: { "2026-04-05": [150] } },
      { offset: "+10:00", zone: "AEST", days: { "2026-04-05": [150], "2026-04-06": [480] } },
    ],
  };
  expect(timesOf(change).starts["2026-04-05"]).toEqual([
    "2026-04-05T02:30:00+11:00",
    "2026-04-05T02:30:00+10:00",
  ]);
});

it("the nearest times come in the order of the day", () => {
  expect(nearestStarts(times, "2026-01-14T09:10:00+11:00")).toEqual([EIGHT, NINE, TEN]);
  expect(nearestStarts(times, NEXT_DAY, 2)).toEqual([FOUR, NEXT_DAY]);
});

describe("a month", () => {
  const month = vi.fn<Api["month"]>();
  const fresh = () => createAvailability({ month }, "joe-plumber");
  const wanted = { month: "2026-01", service: "drain", hold: null };

  beforeEach(() => void month.mockReset().mockResolvedValue(january));

  it("is asked for once while it is fresh, but again for another holder or somebody else", async () => {
    const availability = fresh();
    await availability.month(wanted);
    await availability.month(wanted);
    expect(month).toHaveBeenCalledTimes(1);
    await availability.month({ ...wanted, hold: "token" });
    await availability.month({ ...wanted, hold: "token", calendar: "kim" });
    expect(month).toHaveBeenCalledTimes(3);
    expect(month.mock.lastCall![0]).toMatchObject({ hold: "token", calendar: "kim" });
  });

  it("that was told without being asked for is not asked for, by its name or as the first", async () => {
    const availability = fresh();
    availability.keep(january);
    await expect(availability.month(wanted)).resolves.toEqual(times);
    await expect(availability.month({ ...wanted, month: null })).resolves.toEqual(times);
    expect(month).not.toHaveBeenCalled();
    await availability.month({ ...wanted, service: "quote" });
    expect(month).toHaveBeenCalledTimes(1);
  });

  it("is asked for again once a time turned out to be taken", async () => {
    const availability = fresh();
    await availability.month(wanted);
    availability.clear();
    await availability.month(wanted);
    expect(month).toHaveBeenCalledTimes(2);
  });

  it("that could not be had is not remembered", async () => {
    const availability = fresh();
    month.mockRejectedValueOnce(new Error("offline"));
    await expect(availability.month(wanted)).rejects.toThrow();
    await expect(availability.month(wanted)).resolves.toEqual(times);
  });
});
