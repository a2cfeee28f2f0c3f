import { useEffect, useRef, useState } from "preact/hooks";
import { addDays, addMonths, dayOf, longDay, monthName, plural } from "../format";
import type { Month } from "../types";

const WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** Where each key leads; Home and End go to the ends of the week, Page Up and Down to the next month's first. */
const KEYS: Record<string, (date: string) => string> = {
  ArrowLeft: (date) => addDays(date, -1),
  ArrowRight: (date) => addDays(date, 1),
  ArrowUp: (date) => addDays(date, -7),
  ArrowDown: (date) => addDays(date, 7),
  Home: (date) => addDays(date, -weekday(date)),
  End: (date) => addDays(date, 6 - weekday(date)),
  PageUp: (date) => `${addMonths(date, -1)}-01`,
  PageDown: (date) => `${addMonths(date, 1)}-01`,
};

const isIn = (month: Month, date: string) => date.startsWith(month.month);

/** 0 for Monday to 6 for Sunday. */
const weekday = (date: string) => (dayOf(date).getUTCDay() + 6) % 7;

interface Props {
  month: Month;
  chosen: string | null;
  today: string;
  canGoOn: boolean;
  onChoose(date: string): void;
  onMonth(month: string): void;
}

/** A month of days after the ARIA grid pattern: one tab stop, arrows move within, Page Up and Down by month. */
export function Calendar({ month, chosen, today, canGoOn, onChoose, onMonth }: Props) {
  const first = month.days[0]!.date;
  const last = month.days[month.days.length - 1]!.date;
  const initial = [chosen, month.first_free].find((date) => date?.startsWith(month.month)) ?? first;
  const [active, setActive] = useState(initial);
  const table = useRef<HTMLTableElement>(null);
  const wanted = useRef(""); // where the keyboard is going, perhaps in a month not here yet
  useEffect(() => setActive(isIn(month, wanted.current) ? wanted.current : initial), [month.month, chosen]);
  useEffect(() => {
    if (!isIn(month, wanted.current) || active !== wanted.current) return;
    table.current?.querySelector<HTMLElement>("[tabindex='0']")?.focus();
    wanted.current = "";
  }, [month.month, active]);

  const canGoBack = month.month > today.slice(0, 7);

  const turn = (by: number) => onMonth(addMonths(month.month, by));

  function onKeyDown(event: KeyboardEvent) {
    const target = KEYS[event.key]?.(active);
    if (!target) return;
    event.preventDefault();
    if (target < first && !canGoBack) moveTo(first);
    else if (target > last && !canGoOn) moveTo(last);
    else moveTo(target);
  }

  function moveTo(date: string) {
    wanted.current = date;
    if (isIn(month, date)) setActive(date);
    else onMonth(date.slice(0, 7));
  }

  return (
    <div class="calendar">
      <div class="month">
        <button type="button" class="arrow" disabled={!canGoBack} onClick={() => turn(-1)}>
          <span class="visually-hidden">Previous month</span>
        </button>
        <h3 id="month" aria-live="polite">
          {monthName(month.month)}
        </h3>
        <button type="button" class="arrow next" disabled={!canGoOn} onClick={() => turn(1)}>
          <span class="visually-hidden">Next month</span>
        </button>
      </div>
      <table role="grid" aria-labelledby="month" ref={table} onKeyDown={onKeyDown}>
        <thead>
          <tr>
            {WEEK.map((name) => (
              <th key={name} scope="col" abbr={name}>
                {name.slice(0, 2)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks(month).map((week) => (
            <tr key={week.find(Boolean)!.date}>
              {week.map((day, index) =>
                day ? (
                  <td key={day.date} role="gridcell" aria-selected={day.date === chosen}>
                    <button
                      type="button"
                      tabIndex={day.date === active ? 0 : -1}
                      aria-disabled={day.slots === 0}
                      aria-label={dayLabel(day.date, day.slots, day.date === today)}
                      class={day.date === today ? "today" : ""}
                      onClick={() => day.slots > 0 && onChoose(day.date)}
                    >
                      {Number(day.date.slice(8))}
                    </button>
                  </td>
                ) : (
                  <td key={index} />
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function dayLabel(date: string, slots: number, isToday: boolean): string {
  const free = slots ? `${plural(slots, "time")} free` : "no times free";
  return `${isToday ? "Today, " : ""}${longDay(date)}, ${free}`;
}

/** The month's days in rows from Monday to Sunday, with gaps at both ends. */
function weeks({ days }: Month) {
  const cells = [...Array<null>(weekday(days[0]!.date)).fill(null), ...days];
  while (cells.length % 7) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, row) => cells.slice(row * 7, row * 7 + 7));
}
