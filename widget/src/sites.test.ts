// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from "vitest";
import { requireAllowed } from "./sites";

const SITES = ["https://joe.example"];

const within = (around: string | undefined, referrer = "") => {
  vi.stubGlobal("window", {
    parent: {},
    location: { origin: "https://book.example", ancestorOrigins: around && [around] },
  });
  vi.stubGlobal("document", { referrer });
  return () => requireAllowed(SITES, "https://app.example");
};

afterEach(() => vi.unstubAllGlobals());

it("lets the page stand on the websites that are named, on our own and by itself", () => {
  for (const around of ["https://joe.example", "https://book.example", "https://app.example"])
    expect(within(around)).not.toThrow();
  expect(within(undefined, "https://joe.example/contact")).not.toThrow();
  vi.unstubAllGlobals();
  expect(() => requireAllowed(SITES, "")).not.toThrow();
});

it("is not there on any other", () => {
  for (const around of ["https://evil.example", "https://joe.example.evil.example"])
    expect(within(around)).toThrow("NOT_FOUND");
  expect(within(undefined)).toThrow("NOT_FOUND");
});
