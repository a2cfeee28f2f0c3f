// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { start } from "./booking";
import { shareBooking, withKim } from "./testing";
import { takeUp } from "./taking_up";

it("asks for whom the page's address names, if customers may choose them", async () => {
  const chosen = async (search: string) => {
    const send = vi.fn();
    const store = { state: { ...start, service: "drain" }, send, learn: () => {}, subscribe: () => {} };
    shareBooking(start, { tradie: withKim, store });
    vi.stubGlobal("location", { search, hash: "" });
    await takeUp("", null);
    return send.mock.calls.flat();
  };
  expect(await chosen("?calendar=kim")).toEqual([{ type: "calendar_chosen", calendar: "kim" }]);
  expect(await chosen("?calendar=somebody")).toEqual([]);
  expect(await chosen("")).toEqual([]);
});
