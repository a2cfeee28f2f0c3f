import { queryOf, type Api } from "./api";
import type { BookingRecord, Held, Payment, Statement, Suburb, Suburbs } from "./types";

/** What is asked of the API from the form on. */
export interface Calls {
  /** What cancelling would cost, a sentence each. */
  statement(query: StatementQuery): Promise<string[]>;
  /** The places that `typed` may be the beginning of, those of `state` first, and of them the nearest to `near`. */
  suburbs(typed: string, state: string, near: string): Promise<Suburb[]>;
  /** `body` is the JSON text, so that a retry with the same key is the same to the last byte. `check`: how
   * it was filled in. */
  book(body: string, key: string, check: string): Promise<Held>;
  booking(id: string, token: string): Promise<BookingRecord>;
  payment(id: string, token: string): Promise<Payment>;
  /** Holds the time once as long again. */
  extend(id: string, token: string): Promise<Payment>;
  /** Whether the card may be charged for a no-show, as `text` says. */
  consent(id: string, token: string, agreed: boolean, text: string): Promise<Payment>;
  /** "I have paid": the server asks Stripe and answers with the truth. */
  confirm(id: string, token: string): Promise<BookingRecord>;
}

export interface StatementQuery {
  slug: string;
  service: string;
  start: string;
  hold: string | null;
}

export function createCalls({ request }: Pick<Api, "request">): Calls {
  const bearing = (token: string) => ({ Authorization: `Bearer ${token}` });
  const send = <T>(method: string, path: string, body: object | string, headers: Record<string, string>) =>
    request<T>(path, {
      method,
      headers: { "Content-Type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
      repeatable: "Idempotency-Key" in headers,
    });
  return {
    statement: async ({ slug, ...asked }) => {
      const path = `/api/tradies/${slug}/statement?${queryOf(asked)}`;
      return (await request<Statement>(path, { repeatable: true })).policy_statement;
    },
    suburbs: async (q, state, near) =>
      (await request<Suburbs>(`/api/suburbs?${queryOf({ q, state, near })}`)).suburbs,
    book: (body, key, check) =>
      send("POST", "/api/bookings", body, { "Idempotency-Key": key, "Form-Check": check }),
    booking: (id, token) => request(`/api/bookings/${id}`, { headers: bearing(token), repeatable: true }),
    payment: (booking, token) => send("POST", "/api/payments/intent", { booking }, bearing(token)),
    extend: (booking, token) => send("POST", "/api/payments/extension", { booking }, bearing(token)),
    consent: (booking, token, agreed, text) =>
      send("POST", "/api/payments/consent", { booking, agreed, text }, bearing(token)),
    confirm: (id, token) => send("PATCH", `/api/bookings/${id}`, { status: "confirmed" }, bearing(token)),
  };
}

/** A random UUID; `crypto.randomUUID` is missing where the page is not served over https. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
