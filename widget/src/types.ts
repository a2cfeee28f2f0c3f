// The shapes of the HTTP API, under the names that the widget has for them; `npm run types` writes api_types.ts from
// the API's own description. Money is integer cents (AUD); times are ISO 8601 with the tradie's own UTC offset.
import type { components } from "./api_types";

type Schemas = components["schemas"];

export type Tradie = Schemas["Tradie"];
/** With the call-out fee of the address, once they were told of it; it is in the price then. */
export type Service = Schemas["Service"] & { call_out_fee_cents?: number };
export type AustralianState = Schemas["StateEnum"];

export type Opening = Schemas["Opening"];
export type MonthInMinutes = Schemas["MonthInMinutes"];
export type Statement = Schemas["Statement"];
export type CallBackInput = Schemas["CallBackInput"];
export type Suburb = Schemas["Suburb"];
export type Suburbs = Schemas["Suburbs"];

/** The free times of a month. */
export interface Month {
  month: string;
  /** The first date with a free time from this month on, if there is any. */
  first_free: string | null;
  /** By date, in order; dates without any are left out. */
  starts: Record<string, string[]>;
  /** The short names of the UTC offsets: {"+11:00": "AEDT"}. */
  zones: Record<string, string>;
  /** The dates on which the business is near the customer anyway, where it tells that. */
  near?: string[] | undefined;
}

/** A booking as the server tells it to its customer. */
export type BookingRecord = Schemas["Booking"];
export type Payment = Schemas["Payment"];
export type Held = Schemas["BookingMade"];

/** What went wrong, in the API's error shape; `code` may also be one of the widget's own. */
export interface Problem extends Pick<
  Schemas["Error"],
  | "code"
  | "message"
  | "fields"
  | "alternatives"
  | "deposit_cents"
  | "call_out_fee_cents"
  | "price_cents"
  | "challenge"
> {
  /** Seconds to wait before another try, from `Retry-After`. */
  retryAfter?: number;
}
