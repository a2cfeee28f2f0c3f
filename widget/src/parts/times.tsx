import { clock, longDay, repeatedWallTimes, zoneAbbreviation } from "../format";
import type { Day } from "../types";

const PARTS: [string, number, number][] = [
  ["Morning", 0, 12],
  ["Afternoon", 12, 17],
  ["Evening", 17, 24],
];

interface Props {
  day: Day;
  timezone: string;
  chosen: string | null;
  onChoose(start: string): void;
}

/** The free times of one day; choosing one goes straight on. */
export function Times({ day, timezone, chosen, onChoose }: Props) {
  const repeated = repeatedWallTimes(day.starts);
  const label = (start: string) =>
    repeated.has(start.slice(0, 16)) ? `${clock(start)} ${zoneAbbreviation(start, timezone)}` : clock(start);
  const hour = (start: string) => Number(start.slice(11, 13));
  return (
    <section class="times" aria-labelledby="day">
      <h3 id="day" aria-live="polite">
        {longDay(day.date)}
      </h3>
      {PARTS.map(([name, from, until]) => {
        const starts = day.starts.filter((start) => hour(start) >= from && hour(start) < until);
        return (
          starts.length > 0 && (
            <div key={name} role="group" aria-label={name}>
              <h4 aria-hidden="true">{name}</h4>
              <ul>
                {starts.map((start) => (
                  <li key={start}>
                    <button
                      type="button"
                      class="time"
                      aria-pressed={start === chosen}
                      aria-label={`${label(start)}, ${longDay(day.date)}`}
                      onClick={() => onChoose(start)}
                    >
                      {label(start)}
                    </button>
                  </li>
                ))}
              </ul>
            </div>
          )
        );
      })}
    </section>
  );
}
