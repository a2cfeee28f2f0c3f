import { ApiError } from "./errors";
import type { BookingRecord, Held, Month, Payment, Problem, Statement, Tradie } from "./types";

/** Waits before asking again, in ms. A POST is only ever repeated with the same Idempotency-Key. */
const RETRY_AFTER_MS = [500, 1500];
const TIMEOUT_MS = 12_000;

interface Options {
  body?: string;
  token?: string;
  key?: string;
}

export interface Api {
  tradie(slug: string): Promise<Tradie>;
  month(query: MonthQuery): Promise<Month>;
  /** What cancelling would cost, a sentence each. */
  statement(query: StatementQuery): Promise<string[]>;
  /** `body` is the JSON text, so that a retry with the same key is the same to the last byte. */
  book(body: string, key: string): Promise<Held>;
  booking(id: string, token: string): Promise<BookingRecord>;
  payment(id: string, token: string): Promise<Payment>;
  /** "I have paid": the server asks Stripe and answers with the truth. */
  confirm(id: string, token: string): Promise<BookingRecord>;
  /** The server's clock in ms, as far as its answers told; phones are often minutes off. */
  now(): number;
}

/** `hold`: the token of a time that is held already. */
interface ForCustomer {
  slug: string;
  service: string;
  hold: string | null;
}

export type MonthQuery = ForCustomer & { month: string; calendar?: string | null };
export type StatementQuery = ForCustomer & { start: string };

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function createApi(origin = "", wait: (ms: number) => Promise<unknown> = sleep): Api {
  let clockSkew = 0;

  async function attempt<T>(method: string, path: string, options: Options): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (options.body) headers["Content-Type"] = "application/json";
    if (options.token) headers.Authorization = `Bearer ${options.token}`;
    if (options.key) headers["Idempotency-Key"] = options.key;
    const response = await fetch(origin + path, {
      method,
      headers,
      body: options.body ?? null,
      credentials: "omit",
      signal: AbortSignal.timeout?.(TIMEOUT_MS) ?? null,
    });
    const date = response.headers.get("Date");
    // A cached answer carries the time at which it was cached, so only answers to changes set the clock.
    if (date && method !== "GET") clockSkew = Date.parse(date) - Date.now();
    const answer: unknown = await response.json();
    if (response.ok) return answer as T;
    throw new ApiError(withRetryAfter(answer as Problem, response));
  }

  async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
    const pauses = method === "GET" || options.key ? RETRY_AFTER_MS : [];
    for (let tries = 0; ; tries++) {
      try {
        return await attempt<T>(method, path, options);
      } catch (error) {
        const told =
          error instanceof ApiError ? error : new ApiError({ code: "OFFLINE", message: "No answer." });
        const pause = pauses[tries];
        // Again after no answer, after a proxy's error page, and while a server restarts or a calendar is busy.
        // Whoever has waited as long as it takes to time out is not kept any longer.
        const brief = told.problem.code === "OFFLINE" || told.problem.code === "SERVICE_UNAVAILABLE";
        if (!brief || pause === undefined || (error as Error).name === "TimeoutError") throw told;
        await wait(pause);
      }
    }
  }

  return {
    tradie: (slug) => request("GET", `/api/tradies/${encodeURIComponent(slug)}`),
    month: ({ slug, ...asked }) =>
      request("GET", `/api/availability/${encodeURIComponent(slug)}?${queryOf(asked)}`),
    statement: async ({ slug, ...asked }) => {
      const path = `/api/tradies/${encodeURIComponent(slug)}/statement`;
      const answer = await request<Statement>("GET", `${path}?${queryOf(asked)}`);
      return answer.policy_statement;
    },
    book: (body, key) => request("POST", "/api/bookings", { body, key }),
    booking: (id, token) => request("GET", `/api/bookings/${id}`, { token }),
    payment: (booking, token) =>
      request("POST", "/api/payments/intent", { body: JSON.stringify({ booking }), token }),
    confirm: (id, token) =>
      request("PATCH", `/api/bookings/${id}`, { body: JSON.stringify({ status: "confirmed" }), token }),
    now: () => Date.now() + clockSkew,
  };
}

/** A query string of what is not null. */
const queryOf = (asked: Record<string, string | null | undefined>) =>
  new URLSearchParams(Object.entries(asked).filter((pair): pair is [string, string] => pair[1] != null));

function withRetryAfter(problem: Problem, response: Response): Problem {
  const seconds = Number(response.headers.get("Retry-After"));
  return seconds > 0 ? { ...problem, retryAfter: seconds } : problem;
}

/** A random UUID; `crypto.randomUUID` is missing where the page is not served over https. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
