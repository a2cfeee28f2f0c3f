// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";

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
  expect(frame().allow).toBe("payment");
  expect(frame().title).not.toBe("");
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
  document.body.addEventListener("peepopay:booked", (event) => heard((event as CustomEvent).detail), {
    once: true,
  });
  say({ type: "booked", reference: "PP-1" });
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
