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

/** The wall times of a day that happen twice, because the clock is put back: "2026-04-05T02:30". */
export function repeatedWallTimes(starts: string[]): Set<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const wall of starts.map((start) => start.slice(0, 16))) (seen.has(wall) ? repeated : seen).add(wall);
  return repeated;
}
