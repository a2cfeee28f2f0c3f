// Times and money for people. A job happens at a place, so times are read off the ISO string, which carries
// the tradie's own offset; the zone of the customer's browser is never consulted.

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);

const short = (name: string) => name.slice(0, 3);

/** The calendar day of a date or time, at midnight UTC, for arithmetic on days only. */
export const dayOf = (iso: string): Date => new Date(`${iso.slice(0, 10)}T00:00:00Z`);

export const isoDate = (day: Date): string => day.toISOString().slice(0, 10);

export function addDays(date: string, days: number): string {
  const day = dayOf(date);
  day.setUTCDate(day.getUTCDate() + days);
  return isoDate(day);
}

/** "2026-01" two months on: "2026-03". */
export function addMonths(month: string, count: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return isoDate(new Date(Date.UTC(year, number - 1 + count, 1))).slice(0, 7);
}

/** "2026-01-14" as "Tue 14 Jan". */
export function shortDay(date: string): string {
  const day = dayOf(date);
  return `${short(DAYS[day.getUTCDay()]!)} ${day.getUTCDate()} ${short(MONTHS[day.getUTCMonth()]!)}`;
}

/** "2026-01-14" as "Tuesday 14 January". */
export function longDay(date: string): string {
  const day = dayOf(date);
  return `${DAYS[day.getUTCDay()]} ${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}`;
}

/** "2026-01" as "January 2026". */
export const monthName = (month: string): string =>
  `${MONTHS[Number(month.slice(5, 7)) - 1]} ${month.slice(0, 4)}`;

/** "2026-01-14T08:00:00+11:00" as "8:00 am". */
export function clock(iso: string): string {
  const hour = Number(iso.slice(11, 13));
  return `${hour % 12 || 12}:${iso.slice(14, 16)} ${hour < 12 ? "am" : "pm"}`;
}

/** "Tue 14 Jan, 8:00 am". */
export const moment = (iso: string): string => `${shortDay(iso)}, ${clock(iso)}`;

/** The zone's short name at that instant: "AEDT", "ACST", "GMT+10:30" (Lord Howe has none). */
export function zoneAbbreviation(iso: string, timezone: string): string {
  const options = { timeZone: timezone, timeZoneName: "short" } as const;
  const part = new Intl.DateTimeFormat("en-AU", options).formatToParts(new Date(iso));
  return part.find(({ type }) => type === "timeZoneName")?.value ?? iso.slice(19);
}

/** "AEDT, Sydney time"; where the zone has a number for a name, the city alone says more. */
export function zoneName(iso: string, timezone: string): string {
  const city = timezone.slice(timezone.lastIndexOf("/") + 1).replace(/_/g, " ");
  const abbreviation = zoneAbbreviation(iso, timezone);
  return /^[A-Z]+$/.test(abbreviation) ? `${abbreviation}, ${city} time` : `${city} time`;
}

/** The wall times of a day that happen twice, because the clock is put back: "2026-04-05T02:30". */
export function repeatedWallTimes(starts: string[]): Set<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const wall of starts.map((start) => start.slice(0, 16))) (seen.has(wall) ? repeated : seen).add(wall);
  return repeated;
}

/** An instant (ms since 1970) on the clock of `timezone`: "2026-01-14T08:00". */
export function wallTime(instant: number, timezone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/** 3000 as "$30", 8250 as "$82.50". */
export function dollars(cents: number): string {
  const whole = Math.floor(cents / 100).toLocaleString("en-AU");
  return cents % 100 ? `$${whole}.${String(cents % 100).padStart(2, "0")}` : `$${whole}`;
}

/** 90 as "1 h 30 min". */
export function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours && `${hours} h`, rest && `${rest} min`].filter(Boolean).join(" ");
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
