import { addDays, addMonths, dayOf, DAYS, longDay, monthName, plural } from "../format";
import type { Month } from "../types";

/** Days that each key leads on. */
const KEYS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** 0 for Monday to 6 for Sunday. */
const weekday = (date: string) => (dayOf(date).getUTCDay() + 6) % 7;

interface Props {
  month: Month;
  chosen: string | null;
  today: string;
  /** To another day, or another month. */
  onTurn(to: { day: string } | { month: string }): void;
}

/** Where the keyboard is going, perhaps in a month that is not here yet. */
let wanted = "";

/** A month of days after the ARIA grid pattern: one tab stop, arrows move within, Home and End go to the ends of the
 * week, Page Up and Down to the next month's first. Weeks that are over are left out. */
export function Calendar({ month: { month, first_free, starts }, chosen, today, onTurn }: Props) {
  const canGoBack = month > today.slice(0, 7);
  const first = canGoBack ? `${month}-01` : today;
  const tabStop = [chosen, first_free].find((date) => date?.startsWith(month)) ?? first;
  const weeks: string[] = []; // their Mondays
  for (let date = addDays(first, -weekday(first)); date.slice(0, 7) <= month; date = addDays(date, 7))
    weeks.push(date);

  function onKeyDown(event: KeyboardEvent) {
    const { key, currentTarget, target } = event;
    const date = (target as HTMLElement).dataset.date;
    if (!date) return;
    const day = weekday(date);
    const days = key === "Home" ? -day : key === "End" ? 6 - day : KEYS[key];
    const page = key === "PageUp" ? -1 : key === "PageDown" ? 1 : 0;
    if (days === undefined && !page) return;
    event.preventDefault();
    wanted = page ? `${addMonths(date, page)}-01` : addDays(date, days!);
    if (wanted < first && !canGoBack) wanted = first;
    if (wanted.startsWith(month)) focusWanted(currentTarget as HTMLElement);
    else if (wanted < first || first_free) onTurn({ month: wanted.slice(0, 7) });
  }

  const arrow = (by: number, sign: string, label: string, disabled: boolean) => (
    <button
      type="button"
      class="arrow"
      aria-label={label}
      disabled={disabled}
      onClick={() => onTurn({ month: addMonths(month, by) })}
    >
      {sign}
    </button>
  );

  return (
    <div class="calendar">
      <div class="month">
        {arrow(-1, "‹", "Previous month", !canGoBack)}
        <h3 id="month" aria-live="polite">
          {monthName(month)}
        </h3>
        {arrow(1, "›", "Next month", !first_free)}
      </div>
      <table role="grid" aria-labelledby="month" ref={(table) => focusWanted(table)} onKeyDown={onKeyDown}>
        <thead>
          <tr>
            {WEEK.map((day) => (
              <th key={day} scope="col" abbr={DAYS[day]}>
                {DAYS[day]!.slice(0, 2)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={month + week}>
              {WEEK.map((_, index) => {
                const date = addDays(week, index);
                if (!date.startsWith(month)) return <td key={date} />;
                const free = starts[date]?.length;
                return (
                  <td key={date} role="gridcell" aria-selected={date === chosen}>
                    <button
                      type="button"
                      data-date={date}
                      tabIndex={date === tabStop ? 0 : -1}
                      aria-disabled={!free}
                      aria-label={`${date === today ? "Today, " : ""}${longDay(date)}, ${free ? plural(free, "time") : "no times"} free`}
                      class={date === today ? "today" : ""}
                      onClick={() => free && onTurn({ day: date })}
                    >
                      {Number(date.slice(8))}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** From Monday to Sunday, by their places in `DAYS`. */
const WEEK = [1, 2, 3, 4, 5, 6, 0];

function focusWanted(table: HTMLElement | null): void {
  const day = wanted && table?.querySelector<HTMLElement>(`[data-date="${wanted}"]`);
  if (!day) return;
  day.focus();
  wanted = "";
}
