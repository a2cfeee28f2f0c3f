import { expect, it } from "vitest";
import { contrastWithWhite, readableAccent } from "./accent";

it("leaves a readable colour alone", () => {
  expect(readableAccent("#0b5cad")).toBe("#0b5cad");
});

it("darkens any other until white can be read on it", () => {
  for (const colour of ["#ffd400", "#ffffff", "#ff7a00", "#4caf50", "#00e5ff"])
    expect(contrastWithWhite(readableAccent(colour))).toBeGreaterThan(4.5);
});

it("falls back where there is no colour", () => {
  expect(readableAccent("")).toMatch(/^#[0-9a-f]{6}$/);
  expect(readableAccent("red;} body{display:none")).toMatch(/^#[0-9a-f]{6}$/);
});
