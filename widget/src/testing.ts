// A small cast for the tests: Joe the plumber, his services, and a time that Jo the customer holds.
import type { Booking } from "./booking";
import { share, type Model } from "./shared";
import type { BookingRecord, Held, MonthInMinutes, Payment, Service, Tradie } from "./types";

export const drain: Service = {
  id: "drain",
  name: "Blocked drain",
  description: "",
  duration_minutes: 60,
  arrival_window_minutes: 0,
  price_cents: 18000,
  price_from: false,
  deposit_cents: 3000,
  deposit_kind: "fixed",
  requires_approval: false,
  price_text: "$180",
  in_short: "1 h, $30 deposit now",
  bookable: true,
  questions: [],
  policy: {
    free_cancellation_hours: 24,
    late_fee_cents: 1500,
    late_fee_percent: null,
    no_refund_hours: 2,
    no_show_fee_cents: 0,
  },
};

export const joe: Tradie = {
  slug: "joe-plumber",
  business_name: "Joe's Plumbing",
  timezone: "Australia/Sydney",
  phone: "(02) 5550 1234",
  suburb: "Marrickville",
  state: "NSW",
  licence_number: "123456C",
  abn: "51824753556",
  logo_url: "",
  accent_colour: "#0b5cad",
  accents: { on_light: "#0b5cad", on_dark: "#5f95c9" },
  bookable: true,
  stripe: { publishable_key: "pk", account: "acct", js_url: "https://js.example/stripe.js" },
  services: [drain, { ...drain, id: "quote", name: "Quote", deposit_cents: 0, deposit_kind: "none" }],
};

/** Joe with Kim, who does no quotes. */
export const withKim: Tradie = {
  ...joe,
  calendars: [
    { id: "joe", name: "Joe", services: ["drain", "quote"] },
    { id: "kim", name: "Kim", services: ["drain"] },
  ],
};

export const EIGHT = "2026-01-14T08:00:00+11:00";
export const NINE = "2026-01-14T09:00:00+11:00";

/** With four free times on the 14th, and one on the 15th. */
export const january: MonthInMinutes = {
  month: "2026-01",
  timezone: "Australia/Sydney",
  service: "drain",
  first_free: "2026-01-14",
  stretches: [
    { offset: "+11:00", zone: "AEDT", days: { "2026-01-14": [480, 540, 600, 960], "2026-01-15": [480] } },
  ],
};

export const record: BookingRecord = {
  id: "b1",
  reference: "PP-1",
  status: "pending",
  service: {
    id: "drain",
    name: "Blocked drain",
    duration_minutes: 60,
    arrival_window_minutes: 0,
    price_cents: 18000,
    price_from: false,
  },
  tradie: {
    slug: "joe-plumber",
    business_name: "Joe's Plumbing",
    phone: "(02) 5550 1234",
    timezone: "Australia/Sydney",
  },
  start: EIGHT,
  end: NINE,
  customer: { name: "Jo Citizen", email: "jo@example.com", phone: "+61412345678" },
  address: { line1: "12 Wattle St", suburb: "Newtown", state: "NSW", postcode: "2042" },
  notes: "",
  deposit_cents: 3000,
  paid_cents: 0,
  refunded_cents: 0,
  authorised_cents: 0,
  refund_if_cancelled_now_cents: 0,
  if_cancelled_now: { refund_cents: 0, kept_cents: 0, reason: "nothing_paid", sentence: "Nothing was paid." },
  policy_statement: ["Free to cancel until Tue 13 Jan, 8:00 am."],
  changeable_until: "2026-01-13T08:00:00+11:00",
  ics_url: "/ics",
  manage_url: "/manage/t",
};

export const payment: Payment = {
  client_secret: "pi_1_secret_x",
  publishable_key: "pk",
  account: "acct",
  amount_cents: 3000,
  currency: "aud",
  expires_at: "2026-01-10T10:00:00+11:00",
  extendable: true,
  consent: null,
};

export const held: Held = { booking: record, token: "token", payment };

export const typed = {
  "customer.name": "Jo Citizen",
  "customer.email": "jo@example.com",
  "customer.phone": "0412 345 678",
  "address.line1": "12 Wattle St",
  "address.suburb": "Newtown",
  "address.postcode": "2042",
};

/** The page is about this booking, with what else it needs. */
export function shareBooking(state: Booking, more: object = {}): void {
  const store = { state, send: () => {}, learn: () => {}, subscribe: () => {} };
  share({ tradie: joe, store, ...more } as unknown as Model);
}
