import { dollars, moment, wallTime } from "./format";
import type { Policy, Service } from "./types";

const HOUR = 3_600_000;

const deadline = (start: string, hours: number, timezone: string) =>
  moment(wallTime(Date.parse(start) - hours * HOUR, timezone));

/**
 * The cancellation policy of a service for a job at `start`, before the server has frozen it into a booking.
 * `now` is in ms; a deadline that has passed is told as passed.
 */
export function policySentences(service: Service, start: string, timezone: string, now: number): string[] {
  const { policy, deposit_cents: deposit } = service;
  if (!deposit) return ["Nothing to pay now. You can cancel from the link in your email."];
  const starts = Date.parse(start);
  const free = starts - policy.free_cancellation_hours * HOUR > now;
  const late = lateSentence(policy, deposit, start, timezone, now, free);
  if (free)
    return [`Free to cancel until ${deadline(start, policy.free_cancellation_hours, timezone)}.`, ...late];
  return [
    `Free cancellation for this time ended ${policy.free_cancellation_hours} hours before the job.`,
    ...late,
  ];
}

function lateSentence(
  policy: Policy,
  deposit: number,
  start: string,
  timezone: string,
  now: number,
  free: boolean,
): string[] {
  const kept = Math.min(policy.late_fee_cents, deposit);
  const lastRefund = Date.parse(start) - policy.no_refund_hours * HOUR;
  if (kept >= deposit || lastRefund <= now)
    return [`${free ? "After that the" : "The"} ${dollars(deposit)} is not refunded.`];
  const until = deadline(start, policy.no_refund_hours, timezone);
  return [`${free ? "Then" : "If you cancel,"} ${dollars(kept)} is kept; nothing back after ${until}.`];
}
