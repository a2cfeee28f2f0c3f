// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { start } from "../booking";
import { ADDRESS } from "../details";
import { joe, shareBooking } from "../testing";
import { Field } from "./field";

const places = [
  { suburb: "Newtown", state: "NSW", postcode: "2042" },
  { suburb: "Newtown", state: "VIC", postcode: "3220" },
];
const suburbs = vi.fn();
const send = vi.fn();

const input = () => document.querySelector<HTMLInputElement>("[role=combobox]")!;
const options = () => [...document.querySelectorAll("[role=option]")].map((one) => one.textContent);
const press = (key: string) =>
  act(
    () => void input().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })),
  );

async function type(text: string) {
  await act(async () => {
    input().value = text;
    input().dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
  await act(async () => void (await vi.advanceTimersByTimeAsync(200)));
}

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetAllMocks();
  suburbs.mockResolvedValue(places);
  const store = { state: start, send, learn: () => {}, subscribe: () => {} };
  shareBooking(start, { calls: { suburbs }, store });
  await act(() => render(<Field field={ADDRESS[1]!} />, document.body));
});
afterEach(async () => {
  await act(() => render(null, document.body));
  vi.useRealTimers();
});

it("suggests what may be meant, those of the tradie's state first", async () => {
  await type("n");
  expect(suburbs).not.toHaveBeenCalled();
  await type(" newt");
  expect(suburbs.mock.calls).toEqual([["newt", joe.state, "Marrickville NSW"]]);
  expect(options()).toEqual(["Newtown NSW 2042", "Newtown VIC 3220"]);
  expect(input().getAttribute("aria-expanded")).toBe("true");
});

it("fills in state and postcode of the one that is chosen by the keyboard", async () => {
  await type("newt");
  await press("ArrowUp");
  expect(document.getElementById(input().getAttribute("aria-activedescendant")!)!.textContent).toBe(
    "Newtown VIC 3220",
  );
  send.mockClear();
  await press("Enter");
  expect(send.mock.calls.map(([{ name, value }]) => [name, value])).toEqual([
    ["address.suburb", "Newtown"],
    ["address.state", "VIC"],
    ["address.postcode", "3220"],
  ]);
  expect(options()).toEqual([]);
});

it("closes with Escape, and leaves Enter to the form where none is chosen", async () => {
  await type("newt");
  const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
  input().dispatchEvent(enter);
  expect(enter.defaultPrevented).toBe(false);
  await press("Escape");
  expect(options()).toEqual([]);
});

it("suggests nothing where nobody answers", async () => {
  suburbs.mockRejectedValue(new Error("away"));
  await type("newt");
  expect(options()).toEqual([]);
  expect(input().getAttribute("aria-expanded")).toBe("false");
});
