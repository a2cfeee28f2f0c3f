import { expect, it } from "vitest";
import { ApiError, problemOf } from "./errors";
import { OURS, sentence } from "./sentences";

it("says what the server says", () => {
  expect(sentence({ code: "CALL_INSTEAD", message: "Please call (02) 9550 1234." })).toBe(
    "Please call (02) 9550 1234.",
  );
});

it("says more where the page knows more, in whole sentences", () => {
  const taken = { code: "SLOT_UNAVAILABLE", message: "That time has just been taken." };
  expect(sentence(taken)).toBe("That time has just been taken. Everything you typed is still here.");
  const elsewhere = "Jobs at that address aren't done on that day of the week.";
  expect(sentence({ ...taken, message: elsewhere })).toBe(`${elsewhere} Everything you typed is still here.`);
  for (const text of Object.values(OURS)) expect(text).toMatch(/^[A-Z].{20,}\.$/);
});

it("has a sentence where the server has none", () => {
  expect(sentence({ code: "BRAND_NEW", message: "" })).toContain("Something went wrong on our side.");
});

it("says how long to wait", () => {
  const limited = { code: "RATE_LIMITED", message: "" };
  expect(sentence({ ...limited, retryAfter: 30 })).toContain("in 30 seconds");
  expect(sentence({ ...limited, retryAfter: 600 })).toContain("in 10 minutes");
  expect(sentence({ ...limited, message: "Please wait a moment." })).toBe("Please wait a moment.");
  const holding =
    "You're already holding several times. Pay for one, or wait a few minutes until they lapse.";
  expect(sentence({ ...limited, message: holding, retryAfter: 60 })).toBe(holding);
});

it("takes the problem out of an API error", () => {
  const problem = { code: "NOT_FOUND", message: "" };
  expect(problemOf(new ApiError(problem))).toBe(problem);
});
