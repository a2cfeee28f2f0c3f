import type { Attempt, Booking, Details } from "./booking";

/** What a reload must not lose. Kept for this tab only, and gone when it closes. */
export interface Saved {
  service: string | null;
  start: string | null;
  calendar?: string | null;
  details: Details;
  hold: { id: string; token: string } | null;
  paid: boolean;
  attempt: Attempt | null;
}

const name = (slug: string) => `peepopay:${slug}`;

// A browser that blocks storage in frames throws on every access; booking must work there too.

export function load(slug: string): Saved | null {
  try {
    return JSON.parse(sessionStorage.getItem(name(slug)) ?? "null") as Saved | null;
  } catch {
    return null;
  }
}

export function save(slug: string, booking: Booking): void {
  const { service, start, calendar, details, hold, paid, attempt } = booking;
  const kept = hold && { id: hold.id, token: hold.token };
  const saved: Saved = { service, start, calendar, details, hold: kept, paid, attempt };
  try {
    sessionStorage.setItem(name(slug), JSON.stringify(saved));
  } catch {
    return;
  }
}
