import type { Api } from "./api";
import type { Month } from "./types";

/** Months already asked for, so that paging through the calendar and back costs nothing. */
export interface Availability {
  month(month: string, service: string, hold: string | null, calendar?: string | null): Promise<Month>;
  /** Forget all: a time turned out to be taken. */
  clear(): void;
}

const FRESH_MS = 30_000;

export function createAvailability(api: Api, slug: string): Availability {
  const months = new Map<string, { asked: number; answer: Promise<Month> }>();
  return {
    month(month, service, hold, calendar) {
      const name = [month, service, hold, calendar].join();
      const known = months.get(name);
      if (known && Date.now() - known.asked < FRESH_MS) return known.answer;
      const answer = api.month({ slug, month, service, hold, calendar });
      answer.catch(() => months.delete(name));
      months.set(name, { asked: Date.now(), answer });
      return answer;
    },
    clear: () => months.clear(),
  };
}

/** The `count` free starts nearest to `wanted`, in order. */
export function nearestStarts(month: Month, wanted: string, count = 3): string[] {
  const distance = (start: string) => Math.abs(Date.parse(start) - Date.parse(wanted));
  return month.days
    .flatMap((day) => day.starts)
    .sort((one, other) => distance(one) - distance(other))
    .slice(0, count)
    .sort((one, other) => Date.parse(one) - Date.parse(other));
}
