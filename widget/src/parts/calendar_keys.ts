import { addDays, addMonths, weekday } from "../format";

/** Days that each key leads on. */
const KEYS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** Where the keyboard is going, perhaps in a month that is not here yet. */
let wanted = "";

/** What the calendar shows: a month, from the first day that can be gone to. */
export interface Shown {
  month: string;
  first: string;
  canGoBack: boolean;
  /** None, in this month or later: there is no going on. */
  first_free: string | null;
  onTurn(to: { month: string }): void;
}

/** Arrows move within a calendar, Home and End to the ends of the week, Page Up and Down to the next month's first. */
export function onCalendarKey(
  event: KeyboardEvent,
  { month, first, canGoBack, first_free, onTurn }: Shown,
): void {
  const { key, currentTarget, target } = event;
  const date = (target as HTMLElement).dataset.date;
  if (!date) return;
  const day = weekday(date);
  const days = key === "Home" ? -day : key === "End" ? 6 - day : KEYS[key];
  const page = key === "PageUp" ? -1 : key === "PageDown" ? 1 : 0;
  if (days === undefined && !page) return;
  event.preventDefault();
  wanted = page ? `${addMonths(date.slice(0, 7), page)}-01` : addDays(date, days!);
  if (wanted < first && !canGoBack) wanted = first;
  if (wanted.startsWith(month)) focusWanted(currentTarget as HTMLElement);
  else if (wanted < first || first_free) onTurn({ month: wanted.slice(0, 7) });
}

/** To be called with each table that is drawn. */
export function focusWanted(table: HTMLElement | null): void {
  const day = wanted && table?.querySelector<HTMLElement>(`[data-date="${wanted}"]`);
  if (!day) return;
  day.focus();
  wanted = "";
}
