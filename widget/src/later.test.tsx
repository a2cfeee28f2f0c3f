// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, it } from "vitest";
import { start } from "./booking";
import { later } from "./later";
import { shareBooking } from "./testing";

it("leads to a person where a step can't be fetched", async () => {
  shareBooking({ ...start, step: "details", service: "drain" });
  const form = later(() => Promise.reject(new TypeError("no connection")));
  await expect(form.fetch()).rejects.toThrow();
  await act(() => render(<form.Step />, document.body));
  expect(document.querySelector("[role=alert]")!.textContent).toContain("can't reach the booking service");
  expect(document.querySelector("a")!.href).toBe("tel:0255501234");
});
