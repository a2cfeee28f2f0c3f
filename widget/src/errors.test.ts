import { expect, it } from "vitest";
import { ApiError, problemOf } from "./errors";
import { API_SENTENCES, sentence } from "./sentences";

it("has a whole sentence for every code", () => {
  for (const text of Object.values(API_SENTENCES)) expect(text).toMatch(/^[A-Z].{20,}\.$/);
});

it("shows the server's own message for a code it does not know", () => {
  expect(sentence({ code: "BRAND_NEW", message: "The server knows best." })).toBe("The server knows best.");
});

it("says what the server says where that is more than the code", () => {
  const problem = { code: "CALL_INSTEAD", message: "Please call (02) 9550 1234." };
  expect(sentence(problem)).toBe("Please call (02) 9550 1234.");
  expect(sentence({ ...problem, message: "" })).toBe(API_SENTENCES.CALL_INSTEAD);
});

it("says how long to wait", () => {
  const limited = { code: "RATE_LIMITED", message: "" };
  expect(sentence({ ...limited, retryAfter: 30 })).toContain("in 30 seconds");
  expect(sentence({ ...limited, retryAfter: 600 })).toContain("in 10 minutes");
  expect(sentence(limited)).toContain("wait a moment");
});

it("takes the problem out of an API error", () => {
  const problem = { code: "NOT_FOUND", message: "" };
  expect(problemOf(new ApiError(problem))).toBe(problem);
});
