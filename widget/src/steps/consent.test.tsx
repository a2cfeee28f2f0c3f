// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createApi } from "../api";
import { start } from "../booking";
import { createCalls } from "../calls";
import { payment, record, shareBooking } from "../testing";
import { Consent } from "./consent";

const asked = { text: "I agree to $70.", cap_cents: 7000, required: false, given: false };
const onChange = vi.fn();
const wait = vi.fn();
const server = vi.fn<typeof fetch>();

const answers = (status: number, body: unknown) =>
  server.mockResolvedValueOnce(new Response(JSON.stringify(body), { status }));

async function show(consent = asked) {
  const hold = { id: "b1", token: "token", record, payment };
  const booking = { ...start, step: "pay" as const, hold };
  shareBooking(booking, { calls: createCalls(createApi()) });
  const box = <Consent payment={{ ...payment, consent }} wait={wait} onChange={onChange} />;
  await act(async () => render(box, document.body));
}

const box = () => document.querySelector<HTMLInputElement>("input[type=checkbox]")!;
/** A press, until the server's answer has been heard. */
async function tick() {
  const heard = wait.mock.calls.length + 2;
  await act(async () => {
    box().click();
    await vi.waitFor(() => expect(wait).toHaveBeenCalledTimes(heard));
  });
}

beforeEach(() => {
  vi.resetAllMocks();
  vi.stubGlobal("fetch", server);
});
afterEach(async () => {
  await act(() => render(null, document.body));
  vi.unstubAllGlobals();
});

it("is not ticked before, and says the server's words", async () => {
  await show();
  expect(box().checked).toBe(false);
  expect(document.body.textContent).toContain("I agree to $70.");
});

it("tells the server what was read, and hands on how it is paid then", async () => {
  const changed = { ...payment, consent: { ...asked, given: true } };
  answers(200, changed);
  await show();
  await tick();
  const [address, sent] = server.mock.calls[0]!;
  expect(address).toBe("/api/payments/consent");
  expect(JSON.parse(String(sent!.body))).toEqual({ booking: "b1", agreed: true, text: asked.text });
  expect(onChange).toHaveBeenCalledWith(changed);
  expect(wait.mock.calls).toEqual([[true], [false]]);
});

it("can be taken back", async () => {
  answers(200, payment);
  await show({ ...asked, given: true });
  expect(box().checked).toBe(true);
  await tick();
  expect(JSON.parse(String(server.mock.calls[0]![1]!.body)).agreed).toBe(false);
});

it("stays as the server has it when that says no, or can't be reached", async () => {
  answers(503, { code: "PAYMENT_PROVIDER_UNAVAILABLE", message: "Away." });
  await show();
  await tick();
  expect(document.querySelector("[role=alert]")!.textContent).toBe("Away.");
  server.mockRejectedValueOnce(new TypeError("no connection"));
  await tick();
  expect(document.querySelector("[role=alert]")!.textContent).toContain("can't reach the booking service");
  expect(box().checked).toBe(false);
  expect(onChange).not.toHaveBeenCalled();
});

it("says where it must be ticked", async () => {
  await show({ ...asked, required: true });
  expect(document.body.textContent).toContain("please tick this");
});
