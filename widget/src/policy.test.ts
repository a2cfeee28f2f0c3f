import { describe, expect, it } from "vitest";
import { policySentences } from "./policy";
import { drain, EIGHT } from "./testing";

const at = (iso: string) => policySentences(drain, EIGHT, "Australia/Sydney", Date.parse(iso));

describe("the policy before booking", () => {
  it("is told with dates and dollars", () => {
    expect(at("2026-01-01T00:00:00Z")).toEqual([
      "Free to cancel until Tue 13 Jan, 8:00 am.",
      "Then $15 is kept; nothing back after Wed 14 Jan, 6:00 am.",
    ]);
  });

  it("does not promise a deadline that has passed", () => {
    expect(at("2026-01-13T12:00:00Z")[0]).toBe(
      "Free cancellation for this time ended 24 hours before the job.",
    );
  });

  it("says plainly when the whole deposit stays", () => {
    const strict = { ...drain, policy: { ...drain.policy, late_fee_cents: 9900 } };
    const lines = policySentences(strict, EIGHT, "Australia/Sydney", Date.parse("2026-01-01T00:00:00Z"));
    expect(lines[1]).toBe("After that the $30 is not refunded.");
  });

  it("keeps the wall time across the change of daylight saving", () => {
    const monday = "2026-04-06T08:00:00+10:00";
    const [free] = policySentences(
      { ...drain, policy: { ...drain.policy, free_cancellation_hours: 48 } },
      monday,
      "Australia/Sydney",
      0,
    );
    expect(free).toBe("Free to cancel until Sat 4 Apr, 9:00 am."); // 48 hours: the night of the 5th has 25
  });
});
