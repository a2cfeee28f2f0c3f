import type { Problem } from "./types";

/** What only the browser can notice: there was no answer. */
export const NO_ANSWER: Problem = {
  code: "OFFLINE",
  message: "We can't reach the booking service. Check your connection, then try again.",
};

export const OUR_FAULT = "Something went wrong on our side. Nothing was lost. Please try again.";

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

/** The problem behind anything thrown; what is not the API's is told as our own fault. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  console.error(error);
  return { code: "INTERNAL_ERROR", message: OUR_FAULT };
}
