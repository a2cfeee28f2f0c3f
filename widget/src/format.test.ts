import { describe, expect, it } from "vitest";
import * as format from "./format";
import * as moments from "./moments";
import { repeatedWallTimes } from "./nearest";
import * as price from "./price";

describe("times", () => {
  it("are read off the ISO string, whatever zone the browser is in", () => {
    expect(moments.moment("2026-01-14T08:00:00+11:00")).toBe("Wed 14 Jan, 8:00\xa0am");
    expect(moments.moment("2026-01-14T08:00:00+08:00")).toBe("Wed 14 Jan, 8:00\xa0am");
  });

  it("tell noon and midnight", () => {
    expect(format.clock("2026-01-14T00:30:00+11:00")).toBe("12:30\xa0am");
    expect(format.clock("2026-01-14T12:00:00+11:00")).toBe("12:00\xa0pm");
  });

  it("name the tradie's zone at that instant", () => {
    expect(moments.zoneName("2026-01-14T08:00:00+11:00", "Australia/Sydney")).toBe("AEDT, Sydney time");
    expect(moments.zoneName("2026-07-14T08:00:00+10:00", "Australia/Sydney")).toBe("AEST, Sydney time");
    expect(moments.zoneName("2026-07-14T08:00:00+08:00", "Australia/Perth")).toBe("AWST, Perth time");
    expect(moments.zoneName("2026-01-14T08:00:00+11:00", "Australia/Lord_Howe")).toMatch(/Lord Howe time$/);
  });

  it("that happen twice are found, and their abbreviations differ", () => {
    const starts = ["2026-04-05T01:30:00+11:00", "2026-04-05T02:30:00+11:00", "2026-04-05T02:30:00+10:00"];
    expect([...repeatedWallTimes(starts)]).toEqual(["2026-04-05T02:30"]);
    expect(starts.slice(1).map((start) => moments.zoneAbbreviation(start, "Australia/Sydney"))).toEqual([
      "AEDT",
      "AEST",
    ]);
  });

  it("of an instant are on the tradie's clock", () => {
    const newYear = Date.parse("2025-12-31T13:00:00Z");
    expect(format.wallTime(newYear, "Australia/Sydney")).toBe("2026-01-01 00:00:00");
    expect(format.wallTime(newYear, "Australia/Adelaide")).toBe("2025-12-31 23:30:00");
  });
});

describe("days and months", () => {
  it("roll over the ends of months and years, and leap day", () => {
    expect(format.addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(format.addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(format.addMonths("2026-12", 1)).toBe("2027-01");
    expect(format.addMonths("2026-01", -1)).toBe("2025-12");
  });

  it("are named", () => {
    expect(format.longDay("2026-01-14")).toBe("Wednesday 14 January");
    expect(moments.shortDay("2026-09-01")).toBe("Tue 1 Sep");
    expect(format.monthName("2026-01")).toBe("January 2026");
  });
});

it("shows dollars without cents where there are none", () => {
  expect([3000, 8250, 5, 0, 123456700].map(price.dollars)).toEqual([
    "$30",
    "$82.50",
    "$0.05",
    "$0",
    "$1,234,567",
  ]);
});

it("shows durations", () => {
  expect([30, 60, 90].map(price.duration)).toEqual(["30 min", "1 h", "1 h 30 min"]);
});
