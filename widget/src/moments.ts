import { arrival, clock, dayOf, DAYS, MONTHS, zoneLabel } from "./format";

// Times in the words of the steps after the choice.

const short = (name: string) => name.slice(0, 3);

/** "2026-01-14" as "Tue 14 Jan". */
export function shortDay(date: string): string {
  const day = dayOf(date);
  return `${short(DAYS[day.getUTCDay()]!)} ${day.getUTCDate()} ${short(MONTHS[day.getUTCMonth()]!)}`;
}

/** "Tue 14 Jan, 8:00 am". */
export const moment = (iso: string): string => `${shortDay(iso)}, ${clock(iso)}`;

/** When somebody comes: "Tue 14 Jan, 8:00 am – 10:00 am". */
export const comes = (iso: string): string => `${shortDay(iso)}, ${arrival(iso)}`;

/** The zone's short name at that instant: "AEDT", "ACST", "GMT+10:30" (Lord Howe has none). */
export function zoneAbbreviation(iso: string, timezone: string): string {
  const options = { timeZone: timezone, timeZoneName: "short" } as const;
  const part = new Intl.DateTimeFormat("en-AU", options).formatToParts(new Date(iso));
  return part.find(({ type }) => type === "timeZoneName")?.value ?? iso.slice(19);
}

/** "AEDT, Sydney time" of an instant. */
export const zoneName = (iso: string, timezone: string): string =>
  zoneLabel(zoneAbbreviation(iso, timezone), timezone);
