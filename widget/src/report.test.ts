// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { createStore, type Store } from "./store";
import { start, type Booking, type Event } from "./booking";
import { share } from "./shared";
import { joe } from "./testing";

const request = vi.fn(async (..._asked: [string, RequestInit]) => null);
let store: Store<Booking, Event>;
share({ tradie: joe, api: {} as never, store: { state: start } as never });
vi.stubGlobal("isSecureContext", true);
vi.stubGlobal("navigator", { doNotTrack: "1" }); // while it is read
const { report } = await import("./report");

const told = () => request.mock.calls.map(([, { body }]) => JSON.parse(String(body)));
const open = () => report({ tradie: joe, store, api: { request } } as never);
const go = (step: string) => store.send({ step } as never);

beforeEach(() => {
  vi.unstubAllGlobals();
  vi.stubGlobal("isSecureContext", true);
  request.mockClear();
  document.body.innerHTML = `<div id="app"></div>`;
  store = createStore(start, (state, event) => ({ ...state, ...(event as object) }));
});

it("tells that the page is open and how long that took, and each step once", () => {
  open();
  for (const step of ["details", "time", "details"]) go(step);
  for (let keys = 2; keys; keys--) window.dispatchEvent(new Event("input"));
  expect(told()).toEqual([
    { site: "", saw: ["opened"], load_ms: expect.any(Number) },
    { site: "", saw: ["time"] },
    { site: "", saw: ["details"] },
  ]);
  expect(request.mock.calls[0]).toEqual([
    "/api/tradies/joe-plumber/widget-report",
    expect.objectContaining({ method: "POST", keepalive: true }),
  ]);
});

it.each([{ globalPrivacyControl: true }, { doNotTrack: "1" }])("tells nothing where %o", (asked) => {
  vi.stubGlobal("navigator", asked);
  open();
  go("details");
  expect(told()).toEqual([]);
});

it("tells nothing of another load of the same visit", () => {
  vi.spyOn(performance, "getEntriesByType").mockReturnValueOnce([{ type: "reload" }] as never);
  open();
  expect(told()).toEqual([]);
});

it("tells that a sandbox lets no form be sent, and that nothing is kept", () => {
  vi.spyOn(HTMLFormElement.prototype, "requestSubmit").mockImplementationOnce(() => {});
  vi.stubGlobal("sessionStorage", null);
  open();
  expect(told()[0].saw).toEqual(["opened", "no_storage", "no_forms"]);
});

it("tells from where somebody followed the link that stands in the place of a frame, and of no other link", () => {
  vi.spyOn(document, "referrer", "get").mockReturnValue("https://joe.example/contact?private=1");
  open();
  vi.stubGlobal("location", { search: "?late" });
  open();
  expect(told().map(({ site, saw }) => [site, ...saw])).toEqual([
    ["", "opened"],
    ["https://joe.example", "opened", "late"],
  ]);
});
