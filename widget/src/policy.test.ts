import { describe, expect, it } from "vitest";
import { policySentences } from "./policy";
import { drain, EIGHT } from "./testing";

const at = (iso: string) => policySentences(drain, EIGHT, "Australia/Sydney", Date.parse(iso));

describe("the policy before booking", () => {
  it("is told with dates and dollars", () => {
    expect(at("2026-01-01T00:00:00Z")).toEqual([
      "Free to cancel until Tue 13 Jan, 8:00 am: all of $30 comes back.",
      "After that $15 is kept and $15 comes back.",
      "Nothing comes back after Wed 14 Jan, 6:00 am.",
    ]);
  });

  it("does not promise a deadline that has passed", () => {
    expect(at("2026-01-13T12:00:00Z")).toEqual([
      "It is too late to cancel this time for free.",
      "If you cancel, $15 is kept and $15 comes back.",
      "Nothing comes back after Wed 14 Jan, 6:00 am.",
    ]);
    expect(at("2026-01-13T20:00:00Z")).toEqual(["It is too late for a refund if you cancel this time."]);
  });

  it("says plainly when the whole deposit stays", () => {
    const strict = { ...drain, policy: { ...drain.policy, late_fee_cents: 9900 } };
    const lines = policySentences(strict, EIGHT, "Australia/Sydney", Date.parse("2026-01-01T00:00:00Z"));
    expect(lines.slice(1)).toEqual(["After that $30 is kept and nothing comes back."]);
  });

  it("keeps the wall time across the change of daylight saving", () => {
    const monday = "2026-04-06T08:00:00+10:00";
    const [free] = policySentences(
      { ...drain, policy: { ...drain.policy, free_cancellation_hours: 48 } },
      monday,
      "Australia/Sydney",
      0,
    );
    expect(free).toBe("Free to cancel until Sat 4 Apr, 9:00 am: all of $30 comes back."); // 48 hours: the night of the 5th has 25
  });
});
