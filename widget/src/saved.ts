import type { Attempt, Booking, Details, Step } from "./booking";
import { SAVED } from "./opening";

/** What a reload must not lose. Kept for this tab only, and gone when it closes. */
export interface Saved {
  step?: Step;
  service: string | null;
  start: string | null;
  calendar?: string | null;
  month?: string | null;
  day?: string | null;
  details: Details;
  hold: { id: string; token: string } | null;
  paid: boolean;
  attempt: Attempt | null;
}

const nameOf = (slug: string) => SAVED + slug;

// A browser that blocks storage in frames throws on every access; booking must work there too.

export function load(slug: string): Saved | null {
  try {
    return JSON.parse(sessionStorage.getItem(nameOf(slug)) ?? "null") as Saved | null;
  } catch {
    return null;
  }
}

export function save(slug: string, booking: Booking): void {
  const { step, service, start, calendar, month, day, details, hold, paid, attempt } = booking;
  const kept = hold && { id: hold.id, token: hold.token };
  const saved: Saved = { step, service, start, calendar, month, day, details, hold: kept, paid, attempt };
  try {
    sessionStorage.setItem(nameOf(slug), JSON.stringify(saved));
  } catch {
    return;
  }
}
