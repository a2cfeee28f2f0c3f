// Times and money for people. A job happens at a place, so times are read off the ISO string, which carries
// the tradie's own offset; the zone of the customer's browser is never consulted.
import { shared } from "./shared";

export const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
export const MONTHS =
  "January February March April May June July August September October November December".split(" ");

/** The calendar day of a date or time, at midnight UTC, for arithmetic on days only. */
export const dayOf = (iso: string): Date => new Date(`${iso.slice(0, 10)}T00:00:00Z`);

/** 0 for Monday to 6 for Sunday. */
export const weekday = (date: string): number => (dayOf(date).getUTCDay() + 6) % 7;

export function addDays(date: string, days: number): string {
  const day = dayOf(date);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

/** "2026-01" two months on: "2026-03". */
export const addMonths = (month: string, count: number): string =>
  addDays(`${month}-15`, count * 30).slice(0, 7); // from its middle, some years of months of 30 days are near enough

/** "2026-01-14" as "Tuesday 14 January". */
export function longDay(date: string): string {
  const day = dayOf(date);
  return `${DAYS[day.getUTCDay()]} ${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}`;
}

/** "2026-01" as "January 2026". */
export const monthName = (month: string): string => `${MONTHS[+month.slice(5, 7) - 1]} ${month.slice(0, 4)}`;

/** "2026-01-14T08:00:00+11:00" as "8:00 am", which no end of a line comes between. */
export function clock(iso: string): string {
  const hour = +iso.slice(11, 13);
  return `${hour % 12 || 12}:${iso.slice(14, 16)}\xa0${hour < 12 ? "am" : "pm"}`;
}

/** When somebody comes: "8:00 am", or by what `service` promises "8:00 am – 10:00 am". */
export function arrival(
  iso: string,
  { tradie, service } = shared(),
  window = service?.arrival_window_minutes,
): string {
  return (
    clock(iso) + (window ? ` – ${clock(wallTime(Date.parse(iso) + window * 60_000, tradie.timezone))}` : "")
  );
}

/** "AEDT, Sydney time"; where the zone has a number for a name, the city alone says more. */
export function zoneLabel(name: string, timezone: string): string {
  const city = timezone.replace(/.*\//, "").replace(/_/g, " ");
  return `${/^[A-Z]+$/.test(name) ? `${name}, ` : ""}${city} time`;
}

/** An instant (ms since 1970) on the clock of `timezone`: "2026-01-14 08:00:00". */
export const wallTime = (instant: number, timeZone: string): string =>
  // Swedes write times as computers do.
  new Date(instant).toLocaleString("sv-SE", { timeZone });

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
