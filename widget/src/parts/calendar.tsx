import { addDays, addMonths, DAYS, longDay, monthName, plural, weekday } from "../format";
import type { Month } from "../types";

interface Props {
  month: Month;
  chosen: string | null;
  today: string;
  /** To another day, or another month. */
  onTurn(to: { day: string } | { month: string }): void;
  /** What its keys do, once that is here. */
  keys?: typeof import("./calendar_keys") | undefined;
}

/** A month of days after the ARIA grid pattern: one tab stop, keys move within. Weeks that are over are left out. */
export function Calendar({ month: { month, first_free, starts }, chosen, today, onTurn, keys }: Props) {
  const canGoBack = month > today.slice(0, 7);
  const first = canGoBack ? `${month}-01` : today;
  const tabStop = [chosen, first_free].find((date) => date?.startsWith(month)) ?? first;
  const weeks: string[] = []; // their Mondays
  for (let date = addDays(first, -weekday(first)); date.slice(0, 7) <= month; date = addDays(date, 7))
    weeks.push(date);

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
      <table
        role="grid"
        aria-labelledby="month"
        ref={(table) => keys?.focusWanted(table)}
        onKeyDown={(event) => keys?.onCalendarKey(event, { month, first, canGoBack, first_free, onTurn })}
      >
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
                      {+date.slice(8)}
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
