// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, it, vi } from "vitest";
import { timesOf } from "../availability";
import { start } from "../booking";
import { share } from "../shared";
import { january, shareBooking } from "../testing";
import { Above } from "./above";

it("names the days on which they are near anyway, each one press away", async () => {
  const send = vi.fn();
  function show(near?: string[]) {
    const times = timesOf({ ...january, ...(near && { near }) });
    shareBooking({ ...start, service: "drain", times });
    share({ store: { state: { ...start, service: "drain", times }, send } as never });
    act(() => render(<Above />, document.body));
  }
  show();
  expect(document.body.textContent).toBe("");
  show(["2026-01-14", "2026-01-15"]);
  expect(document.body.textContent).toBe(
    "We're near you anyway on Wednesday 14 January, Thursday 15 January.",
  );
  document.querySelector("button")!.click();
  expect(send).toHaveBeenCalledWith({ type: "turned", to: { day: "2026-01-14" } });
});
