import { NO_ANSWER } from "./errors";
import type { Problem } from "./types";

/** A sentence for every code of the API. */
export const API_SENTENCES: Record<string, string> = {
  VALIDATION_FAILED: "Please check the details below.",
  MALFORMED_REQUEST: "We couldn't read that. Please reload the page and try again.",
  UNAUTHORIZED: "We couldn't open this booking. Please use the link in your email.",
  FORBIDDEN: "This link belongs to a different booking. Please use the link in your email.",
  NOT_FOUND: "We can't find this booking page. The link may be old.",
  METHOD_NOT_ALLOWED: "That isn't possible here. Please reload the page and try again.",
  SLOT_UNAVAILABLE: "Sorry, that time has just been taken. Everything you typed is still here.",
  BOOKING_NOT_PAYABLE: "This booking can't be paid any more. Please choose a time again.",
  BOOKING_NOT_CHANGEABLE: "This booking can't be changed any more.",
  IDEMPOTENCY_CONFLICT: "Your details changed while we were booking. Please press the button again.",
  OUTSIDE_SERVICE_AREA:
    "Sorry, that address is outside the area we travel to. Give us a call, we may know a way.",
  TRADIE_NOT_BOOKABLE: "Online booking is closed right now. Please give us a call.",
  PAYMENT_PROVIDER_UNAVAILABLE:
    "We can't reach our payment provider right now. Nothing was charged. Please try again in a minute.",
  RATE_LIMITED: "That was a lot of tries in a short time. Please wait a moment, then try again.",
  CALL_INSTEAD: "That's more than we can do online. Please give us a call.",
  SERVICE_UNAVAILABLE: "We're having trouble right now. Nothing was lost. Please try again in a moment.",
  INTERNAL_ERROR: "Something went wrong on our side. Nothing was lost. Please try again.",
};

/** What the server says says more than the code does: which limit it was, and what else to do. */
const SERVER_KNOWS = new Set(["CALL_INSTEAD"]);

/** The sentence to show: ours where we know the code, else the server's own message. */
export function sentence(problem: Problem): string {
  if (problem.code === "OFFLINE") return NO_ANSWER.message;
  if (SERVER_KNOWS.has(problem.code) && problem.message) return problem.message;
  const ours = API_SENTENCES[problem.code] ?? problem.message;
  if (problem.code !== "RATE_LIMITED" || !problem.retryAfter) return ours;
  const minutes = Math.ceil(problem.retryAfter / 60);
  const wait = problem.retryAfter < 90 ? `${problem.retryAfter} seconds` : `${minutes} minutes`;
  return `That was a lot of tries in a short time. Please try again in ${wait}.`;
}
