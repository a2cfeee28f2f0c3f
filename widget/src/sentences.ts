import { NO_ANSWER, OUR_FAULT } from "./errors";
import type { Problem } from "./types";

/** Where the page can say more than the server, whose own sentences do for the rest. */
export const OURS: Record<string, string> = {
  VALIDATION_FAILED: "Please check the details below.",
  MALFORMED_REQUEST: "We couldn't read that. Please reload the page and try again.",
  SLOT_UNAVAILABLE: "Sorry, that time has just been taken. Everything you typed is still here.",
  IDEMPOTENCY_CONFLICT: "Your details changed while we were booking. Please press the button again.",
  SERVICE_UNAVAILABLE: "We're having trouble right now. Nothing was lost. Please try again in a moment.",
  INTERNAL_ERROR: OUR_FAULT,
  OFFLINE: NO_ANSWER.message,
};

/** The sentence to show. */
export function sentence({ code, message, retryAfter }: Problem): string {
  if (code !== "RATE_LIMITED" || !retryAfter) return OURS[code] ?? (message || OURS["INTERNAL_ERROR"]!);
  const wait = retryAfter < 90 ? `${retryAfter} seconds` : `${Math.ceil(retryAfter / 60)} minutes`;
  return `That was a lot of tries in a short time. Please try again in ${wait}.`;
}
