import type { Month } from "./types";

/** The `count` free starts nearest to `wanted`, in order. */
export function nearestStarts(month: Month, wanted: string, count = 3): string[] {
  const distance = (start: string) => Math.abs(Date.parse(start) - Date.parse(wanted));
  return Object.values(month.starts)
    .flat()
    .sort((one, other) => distance(one) - distance(other))
    .slice(0, count)
    .sort((one, other) => Date.parse(one) - Date.parse(other));
}
