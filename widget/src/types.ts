// The shapes of the HTTP API. Money is integer cents (AUD); times are ISO 8601 with the tradie's own UTC offset.

export interface Policy {
  free_cancellation_hours: number;
  late_fee_cents: number;
  no_refund_hours: number;
  no_show_fee_cents: number;
}

export interface Question {
  id: string;
  label: string;
  required: boolean;
}

export interface Service {
  id: string;
  name: string;
  description: string;
  duration_minutes: number;
  price_cents: number;
  price_from: boolean;
  deposit_cents: number;
  deposit_kind: "fixed" | "percent" | "full" | "none";
  requires_approval: boolean;
  questions: Question[];
  policy: Policy;
}

export interface Tradie {
  slug: string;
  business_name: string;
  timezone: string;
  phone: string;
  suburb: string;
  state: string;
  licence_number: string;
  abn: string;
  logo_url: string;
  accent_colour: string;
  bookable: boolean;
  /** Null while the tradie can't take card payments; then only services without a deposit can be booked. */
  stripe: { publishable_key: string; account: string; js_url: string } | null;
  services: Service[];
}

export interface Slot {
  start: string;
  end: string;
}

export interface Day {
  date: string;
  slots: number;
  starts: string[];
}

export interface Month {
  month: string;
  timezone: string;
  days: Day[];
  first_free: string | null;
}

export type Status =
  | "pending"
  | "expiring"
  | "expired"
  | "requested"
  | "confirmed"
  | "completed"
  | "no_show"
  | "cancelled"
  | "declined"
  | "lost";

/** A booking as the server tells it to its customer. */
export interface BookingRecord {
  id: string;
  reference: string;
  status: Status;
  service: { id: string; name: string };
  start: string;
  end: string;
  deposit_cents: number;
  paid_cents: number;
  refunded_cents: number;
  policy_statement: string[];
  ics_url: string;
  manage_url: string;
}

export interface Payment {
  client_secret: string;
  publishable_key: string;
  account: string;
  amount_cents: number;
  currency: string;
  expires_at: string;
}

export interface Held {
  booking: BookingRecord;
  token: string;
  payment: Payment | null;
}

/** What went wrong, in the API's error shape; `code` may also be one of the widget's own. */
export interface Problem {
  code: string;
  message: string;
  fields?: Record<string, string[]>;
  alternatives?: Slot[];
  /** Seconds to wait before another try, from `Retry-After`. */
  retryAfter?: number;
}
