import type { Api, MonthQuery } from "./api";
import type { Month, MonthInMinutes } from "./types";

export type Wanted = Omit<MonthQuery, "slug">;

/** Months already asked for, so that paging through the calendar and back costs nothing. */
export interface Availability {
  month(wanted: Wanted): Promise<Month>;
  /** The first with a free time, told without being asked for. */
  keep(told: MonthInMinutes): void;
  /** Forget all: a time turned out to be taken. */
  clear(): void;
}

/** All who ask name what they want in one order. */
export const nameOf = (wanted: Wanted) => Object.values(wanted).filter(Boolean).join();

const FRESH_MS = 30_000;

export function createAvailability({ month }: Pick<Api, "month">, slug: string): Availability {
  const months = new Map<string, { asked: number; answer: Promise<Month> }>();

  function remember(wanted: Wanted, ask: () => Promise<MonthInMinutes>): Promise<Month> {
    const name = nameOf(wanted);
    const known = months.get(name);
    if (known && Date.now() - known.asked < FRESH_MS) return known.answer;
    const answer = ask().then(timesOf);
    answer.catch(() => months.delete(name));
    months.set(name, { asked: Date.now(), answer });
    return answer;
  }

  return {
    month: (wanted) => remember(wanted, () => month({ slug, ...wanted })),
    keep(told) {
      for (const month of [null, told.month])
        void remember({ month, service: told.service! }, async () => told);
    },
    clear: () => months.clear(),
  };
}

/** "08:00:00" of the 480th minute. */
const clockOf = (minute: number) => new Date(minute * 60_000).toISOString().slice(11, 19);

/** The times of a month, told as minutes of its days. */
export function timesOf({ month, first_free, stretches, near }: MonthInMinutes): Month {
  const starts: Month["starts"] = {};
  const zones: Month["zones"] = {};
  for (const { offset, zone, days } of stretches) {
    zones[offset] = zone;
    for (const [date, minutes] of Object.entries(days))
      for (const minute of minutes) (starts[date] ??= []).push(`${date}T${clockOf(minute)}${offset}`);
  }
  return { month, first_free, starts, zones, near };
}
