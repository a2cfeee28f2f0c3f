import { ApiError, NO_ANSWER } from "./errors";
import type { MonthInMinutes, Opening, Problem } from "./types";

/** Waits before asking again, in ms. A POST is only ever repeated with the same Idempotency-Key. */
const RETRY_AFTER_MS = [500, 1500];
const TIMEOUT_MS = 12_000;

interface Options extends RequestInit {
  /** May be asked again where it got no answer: a GET, or what carries an Idempotency-Key. */
  repeatable?: boolean;
}

/** What the first steps ask; `calls.ts` has the rest. */
export interface Api {
  /** Throws ApiError. */
  request<T>(path: string, options?: Options): Promise<T>;
  /** The tradie, in the colour that is asked for if any, and the first month with a free time of a service ("": of their
   * first). */
  opening(slug: string, service: string, accent?: string | null): Promise<Opening>;
  month(query: MonthQuery): Promise<MonthInMinutes>;
  /** The server's clock in ms, as far as its answers told; phones are often minutes off. */
  now(): number;
}

export interface MonthQuery {
  slug: string;
  /** null: the first that has a free time for somebody who holds none, whoever is to come; this one where none has. */
  month: string | null;
  service: string;
  /** The token of a time that is held already. */
  hold?: string | null | undefined;
  calendar?: string | null;
  postcode?: string | undefined;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function createApi(origin = "", wait: (ms: number) => Promise<unknown> = sleep): Api {
  let clockSkew = 0;

  async function attempt<T>(path: string, init: RequestInit): Promise<T> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(origin + path, { credentials: "omit", signal, ...init });
    const date = response.headers.get("Date");
    // A cached answer carries the time at which it was cached, so only answers to changes set the clock.
    if (date && init.method) clockSkew = Date.parse(date) - Date.now();
    const answer: unknown = await response.json();
    if (response.ok) return answer as T;
    const retryAfter = Number(response.headers.get("Retry-After"));
    throw new ApiError({ ...(answer as Problem), ...(retryAfter > 0 && { retryAfter }) });
  }

  async function request<T>(path: string, { repeatable, ...init }: Options = {}): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await attempt<T>(path, init);
      } catch (error) {
        const told = error instanceof ApiError ? error : new ApiError(NO_ANSWER);
        const pause = repeatable && RETRY_AFTER_MS[tries];
        // Again after no answer, after a proxy's error page, and while a server restarts or a calendar is busy.
        // Whoever has waited as long as it takes to time out is not kept any longer.
        const brief = ["OFFLINE", "SERVICE_UNAVAILABLE"].includes(told.problem.code);
        if (!brief || !pause || (error as Error).name === "TimeoutError") throw told;
        await wait(pause);
      }
    }
  }

  const get = <T>(path: string, options: Options = {}) => request<T>(path, { ...options, repeatable: true });

  // The browser fetches it along with the page, as the server tells it to (web/customer/widget.py): the address and
  // the credentials have to be the same.
  const opening = (slug: string, service: string, accent?: string | null) =>
    get<Opening>(`/api/tradies/${slug}/opening?${queryOf({ service, accent })}`, {
      credentials: "same-origin",
    });

  return {
    request,
    opening,
    month: async ({ slug, ...asked }) =>
      asked.month
        ? get(`/api/availability/${slug}?${queryOf({ ...asked, times: "minutes" })}`)
        : (await opening(slug, asked.service)).month!,
    now: () => Date.now() + clockSkew,
  };
}

/** A query string of what is not null. */
export const queryOf = (asked: Record<string, string | null | undefined>) =>
  new URLSearchParams(Object.entries(asked).filter((pair): pair is [string, string] => pair[1] != null));
