// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { choose, start, type Booking, type Event, type Hold } from "./booking";
import { ApiError, NO_ANSWER } from "./errors";
import { proceed } from "./holding";
import type { Model, Shared } from "./shared";
import { createStore } from "./store";
import { joe, payment, record } from "./testing";

const NAME = "answers.tap";
const held: Hold = { id: "b1", token: "token", record, payment };
const tap = new File(["a picture"], "tap.jpg", { type: "image/jpeg" });
const sent = vi.fn();
let shared: () => Shared;

/** The file anew, with nothing chosen. */
async function open(details = {}): Promise<void> {
  vi.resetModules();
  const { share, ...its } = await import("./shared");
  const store = createStore<Booking, Event>({ ...start, step: "details", details }, choose, proceed);
  share({ tradie: joe, store, api: { request: sent } } as unknown as Model);
  shared = its.shared;
  const { steps } = await import("./pictures");
  const draw = () =>
    act(() => {
      const { booking } = shared();
      const Step = booking.step === "done" ? steps.done : steps.details;
      render(<Step name={NAME} value={booking.details[NAME] ?? ""} />, document.body);
    });
  shared().store.subscribe(() => void draw());
  await draw();
}

async function pick(...files: File[]): Promise<void> {
  const input = document.querySelector("input")!;
  Object.defineProperty(input, "files", { value: files, configurable: true });
  await act(() => void input.dispatchEvent(new Event("input", { bubbles: true })));
}

const text = () => document.body.textContent;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  sent.mockReset();
  return act(() => render(null, document.body));
});

it("says which were chosen, and sends them once there is a booking to send them to", async () => {
  sent.mockResolvedValue({});
  await open();
  await pick(tap);
  expect(shared().booking.details[NAME]).toBe("tap.jpg");
  expect(sent).not.toHaveBeenCalled();
  shared().send({ type: "resumed", booking: { hold: held, step: "done" } });
  await vi.runAllTimersAsync();
  expect(sent).toHaveBeenCalledOnce();
  const [path, { headers, body }] = sent.mock.calls[0]!;
  expect(path).toBe("/api/bookings/b1/photos");
  expect(headers).toEqual({ Authorization: "Bearer token" });
  expect([body.get("question"), body.get("photos").name]).toEqual(["tap", "tap.jpg"]);
  expect(text()).toBe("");
  shared().send({ type: "resumed", booking: { hold: { ...held, id: "b2" } } });
  await vi.runAllTimersAsync();
  expect(sent.mock.calls.map(([to]) => to)).toEqual(["/api/bookings/b1/photos", "/api/bookings/b2/photos"]);
});

it("tries again, and says at last that they didn't get through", async () => {
  sent.mockRejectedValue(new ApiError(NO_ANSWER));
  await open();
  await pick(tap);
  shared().send({ type: "resumed", booking: { hold: held, step: "done" } });
  await vi.advanceTimersByTimeAsync(0);
  expect(text()).toContain("on their way");
  await vi.runAllTimersAsync();
  expect(sent).toHaveBeenCalledTimes(3);
  expect(text()).toContain("didn't get through");
});

it("says what is no photo, once, and sends the others", async () => {
  const why = "“lie.jpg” isn't a photo that we can read. Please send a JPEG, PNG, HEIC or WebP.";
  await open();
  const its = await import("./errors"); // the one that the file anew knows
  const refusal = new its.ApiError({ code: "VALIDATION_FAILED", message: "", fields: { photos: [why] } });
  sent.mockRejectedValueOnce(refusal).mockResolvedValue({});
  await pick(new File(["<html>"], "lie.jpg", { type: "image/jpeg" }), tap);
  shared().send({ type: "resumed", booking: { hold: held, step: "done" } });
  await vi.runAllTimersAsync();
  expect(sent.mock.calls.map(([, { body }]) => body.get("photos").name)).toEqual(["lie.jpg", "tap.jpg"]);
  expect(text()).toBe(why);
});

it("asks again for what a reload has lost", async () => {
  await open({ [NAME]: "tap.jpg" });
  expect(shared().booking.details[NAME]).toBe("");
});
