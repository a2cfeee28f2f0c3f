import { clock, dollars, moment, wallTime } from "./format";
import type { Service } from "./types";

const HOUR = 3_600_000;

/**
 * The cancellation policy of a service for a job at `start`, in the words the server freezes into the booking.
 * `now` is in ms: a deadline that has passed already is told as passed.
 */
export function policySentences(service: Service, start: string, timezone: string, now: number): string[] {
  const { policy, deposit_cents: deposit } = service;
  const before = (hours: number) => Date.parse(start) - hours * HOUR;
  const free = before(policy.free_cancellation_hours);
  const last = before(policy.no_refund_hours);
  const freeUntil = moment(wallTime(free, timezone));
  if (!deposit) return [`No deposit. Please cancel before ${freeUntil} if plans change.`];
  if (last <= now) return ["It is too late for a refund if you cancel this time."];

  const kept = Math.min(policy.late_fee_cents, deposit);
  const sentences =
    free > now
      ? [`Free to cancel until ${freeUntil}: all of ${dollars(deposit)} comes back.`]
      : ["It is too late to cancel this time for free."];
  if (free < last && kept) {
    const back = kept < deposit ? `${dollars(deposit - kept)} comes back` : "nothing comes back";
    sentences.push(`${free > now ? "After that" : "If you cancel,"} ${dollars(kept)} is kept and ${back}.`);
    if (kept === deposit) return sentences;
  }
  return [...sentences, lastSentence(free, last, timezone)];
}

function lastSentence(free: number, last: number, timezone: string): string {
  if (free === last) return "After that nothing comes back.";
  const until = wallTime(last, timezone);
  const sameDay = until.slice(0, 10) === wallTime(free, timezone).slice(0, 10);
  return `Nothing comes back after ${sameDay ? clock(until) : moment(until)}.`;
}
