import { arrival, longDay, zoneLabel } from "../format";

const PARTS = ["Morning", "Afternoon", "Evening"];
const partOf = (start: string) => PARTS[+(start.slice(11) > "12") + +(start.slice(11) > "17")];

interface Props {
  date: string;
  starts: string[];
  /** Of the month, and the tradie's. */
  zones: Record<string, string>;
  timezone: string;
  chosen: string | null;
  onChoose(start: string): void;
}

const offsetOf = (start: string) => start.slice(19);

/** The free times of one day; choosing one goes straight on. */
export function Times({ date, starts, zones, timezone, chosen, onChoose }: Props) {
  const day = longDay(date);
  const first = offsetOf(starts[0]!);
  // Where the clocks change, a time may come twice.
  const change = starts.some((start) => offsetOf(start) !== first);
  const label = (start: string) => arrival(start) + (change ? ` ${zones[offsetOf(start)]}` : "");
  return (
    <section class="times" aria-labelledby="day">
      <h3 id="day" aria-live="polite">
        {day}
      </h3>
      <p class="hint">{change ? "The clocks change on this day." : zoneLabel(zones[first]!, timezone)}</p>
      {PARTS.map((name) => {
        const inPart = starts.filter((start) => partOf(start) === name);
        return (
          inPart[0] && (
            <div key={name} role="group" aria-label={name}>
              <h4 aria-hidden="true">{name}</h4>
              <ul>
                {inPart.map((start) => (
                  <li key={start}>
                    <button
                      type="button"
                      aria-pressed={start === chosen}
                      aria-label={`${label(start)}, ${day}`}
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
