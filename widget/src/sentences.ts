import { NO_ANSWER, OUR_FAULT } from "./errors";
import type { Problem } from "./types";

/** Where the page can say more than the server, whose own sentences do for the rest. */
export const OURS: Record<string, string> = {
  VALIDATION_FAILED: "Please check the details below.",
  MALFORMED_REQUEST: "We couldn't read that. Please reload the page and try again.",
  IDEMPOTENCY_CONFLICT: "Your details changed while we were booking. Please press the button again.",
  SERVICE_UNAVAILABLE: "We're having trouble right now. Nothing was lost. Please try again in a moment.",
  INTERNAL_ERROR: OUR_FAULT,
  OFFLINE: NO_ANSWER.message,
};

/** The sentence to show. */
export function sentence({ code, message, retryAfter }: Problem): string {
  // Only the server knows why: somebody was quicker, or they are elsewhere on that day.
  if (code === "SLOT_UNAVAILABLE") return `${message} Everything you typed is still here.`;
  if (code !== "RATE_LIMITED" || !retryAfter || /holding/.test(message))
    return OURS[code] ?? (message || OURS["INTERNAL_ERROR"]!);
  const wait = retryAfter < 90 ? `${retryAfter} seconds` : `${Math.ceil(retryAfter / 60)} minutes`;
  return `That was a lot of tries in a short time. Please try again in ${wait}.`;
}
