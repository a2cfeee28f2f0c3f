// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

const ORIGIN = "https://book.example";

beforeAll(async () => {
  const script = document.createElement("script");
  script.type = "text/plain"; // never fetched: only its address counts
  script.src = `${ORIGIN}/embed.js`;
  document.head.append(script);
  await import("./embed");
});

let element: HTMLElement;
const frame = () => element.shadowRoot!.querySelector("iframe")!;

function say(message: object, { origin = ORIGIN, source = frame().contentWindow as Window | null } = {}) {
  window.dispatchEvent(
    new MessageEvent("message", { data: { source: "peepopay", ...message }, origin, source }),
  );
}

beforeEach(() => {
  document.body.innerHTML = `<peepopay-booking tradie="joe-plumber"></peepopay-booking>`;
  element = document.querySelector("peepopay-booking")!;
});
afterEach(() => void document.body.replaceChildren());

it("frames the tradie's page from the script's own origin, and lets it take payments", () => {
  expect(frame().src).toBe(`${ORIGIN}/book/joe-plumber?embed=1`);
  expect(frame().allow).toBe("payment *");
  expect(frame().title).not.toBe("");
});

it("hands on what the page says of service, person and theme", () => {
  document.body.innerHTML = `<peepopay-booking tradie="a&b" service="1" calendar="2" theme="dark"></peepopay-booking>`;
  element = document.querySelector("peepopay-booking")!;
  expect(frame().src).toBe(`${ORIGIN}/book/a%26b?embed=1&service=1&calendar=2&theme=dark`);
});

it("keeps who books behind the #, where no server is told of it", () => {
  document.body.innerHTML = `<peepopay-booking tradie="joe" accent="#0b5cad" prefill="name=Jo&email=jo%40example.com"></peepopay-booking>`;
  element = document.querySelector("peepopay-booking")!;
  const { search, hash } = new URL(frame().src);
  expect([search, hash]).toEqual(["?embed=1&accent=%230b5cad", "#name=Jo&email=jo%40example.com"]);
});

it("says that it is loading until the frame speaks", () => {
  expect(element.shadowRoot!.textContent).toContain("Loading");
  say({ type: "ready" });
  expect(element.shadowRoot!.textContent).toBe("");
});

it("is as high as the frame says", () => {
  say({ type: "resize", height: 812.4 });
  expect(frame().style.height).toBe("813px");
  say({ type: "resize", height: 400 });
  expect(frame().style.height).toBe("400px");
});

it("listens to nobody else", () => {
  const before = frame().style.height;
  say({ type: "resize", height: 9000 }, { origin: "https://evil.example" });
  say({ type: "resize", height: 9000 }, { source: window });
  say({ type: "resize", height: -1 });
  say({ type: "resize", height: "x" });
  expect(frame().style.height).toBe(before);
});

it("tells the page around it of a booking", () => {
  const heard = vi.fn();
  const type = "peepopay:booking-confirmed";
  document.body.addEventListener(type, (event) => heard((event as CustomEvent).detail), { once: true });
  say({ type: "booking-confirmed", reference: "PP-1" });
  expect(heard).toHaveBeenCalledWith({ reference: "PP-1" });
});

it("stops listening when it is taken off the page", () => {
  const left = frame();
  element.remove();
  window.dispatchEvent(
    new MessageEvent("message", {
      data: { source: "peepopay", type: "resize", height: 700 },
      origin: ORIGIN,
      source: left.contentWindow,
    }),
  );
  expect(left.style.height).not.toBe("700px");
});

describe("over the page", () => {
  const dialogs = () =>
    [...document.body.children].flatMap(({ shadowRoot }) => [
      ...(shadowRoot?.querySelectorAll("dialog") ?? []),
    ]);

  beforeEach(() => {
    document.body.innerHTML = `<a href="#no" data-peepopay-open="joe-plumber" data-service="1"><b>Book</b></a>`;
  });

  it("opens from whatever has the attribute, and from the same again as it was left", () => {
    const press = new MouseEvent("click", { bubbles: true, cancelable: true });
    document.querySelector("b")!.dispatchEvent(press);
    expect(press.defaultPrevented).toBe(true);
    const [dialog] = dialogs();
    expect(dialog!.open).toBe(true);
    element = dialog!.querySelector("peepopay-booking")!;
    expect(frame().src).toBe(`${ORIGIN}/book/joe-plumber?embed=1&service=1`);
    const heard = vi.fn();
    document.addEventListener("peepopay:close", heard, { once: true });
    say({ type: "close" });
    expect([dialog!.open, heard.mock.calls.length]).toEqual([false, 1]);
    document.querySelector("b")!.click();
    expect([dialog!.open, dialogs().length]).toEqual([true, 1]);
  });

  it("leaves a link alone that is opened in another tab", () => {
    const press = new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: true });
    document.querySelector("a")!.dispatchEvent(press);
    expect([press.defaultPrevented, dialogs()]).toEqual([false, []]);
  });
});
