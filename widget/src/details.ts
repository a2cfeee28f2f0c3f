import type { Details } from "./booking";
import type { AustralianState, Service, Tradie } from "./types";

export interface FieldSpec {
  /** The API's own name for it: errors come back under the same one. */
  name: string;
  label: string;
  kind: "text" | "email" | "tel" | "long_text" | "photo";
  required: boolean;
  autocomplete?: string;
  /** One of these is chosen; without any, it is typed. */
  choices?: string[];
  hint?: string;
  /** What is to be said of a value, if anything: it is accepted all the same. */
  note?(value: string): string;
  numeric?: boolean;
  /** Places are suggested while it is typed. */
  suggest?: boolean;
  maxLength: number;
}

export const STATES: AustralianState[] = ["ACT", "NSW", "NT", "QLD", "SA", "TAS", "VIC", "WA"];

const text = (name: string, label: string, more: Partial<FieldSpec> = {}): FieldSpec => ({
  name,
  label,
  kind: "text",
  required: true,
  maxLength: 200,
  ...more,
});

const NO_TEXTS =
  "We can't text this number. That's fine: you get everything by email, and we call if need be.";

/** Or may yet, as it is being typed: texts go to Australian mobiles only. */
const getsTexts = (number: string) => /^(\+?61|0)?4/.test(number.replace(/[^+\d]/g, ""));

export const CONTACT: FieldSpec[] = [
  text("customer.name", "Your name", { autocomplete: "name", maxLength: 120 }),
  text("customer.email", "Email", { kind: "email", autocomplete: "email", maxLength: 254 }),
  text("customer.phone", "Mobile", {
    kind: "tel",
    autocomplete: "tel",
    maxLength: 40,
    hint: "For a text before we arrive.",
    note: (value) => (EXPECTED["customer.phone"]![0].test(value) && !getsTexts(value) ? NO_TEXTS : ""),
  }),
];

export const ADDRESS: FieldSpec[] = [
  text("address.line1", "Street address", { autocomplete: "address-line1" }),
  text("address.suburb", "Suburb", { autocomplete: "address-level2", maxLength: 80, suggest: true }),
  text("address.state", "State", { autocomplete: "address-level1", choices: STATES }),
  text("address.postcode", "Postcode", { autocomplete: "postal-code", numeric: true, maxLength: 4 }),
];

export const NOTES = text("notes", "Anything we should know? (optional)", {
  kind: "long_text",
  required: false,
  maxLength: 2000,
  hint: "Parking, pets, gate codes, what is wrong.",
});

/** If it isn't whoever books. */
export const ON_SITE: FieldSpec[] = [
  text("on_site.name", "Their name (optional)", { required: false, maxLength: 120 }),
  text("on_site.phone", "Their mobile (optional)", { required: false, kind: "tel", maxLength: 40 }),
  text("access_notes", "How do we get in? (optional)", { required: false, maxLength: 500 }),
];

export const questionFields = (service: Service): FieldSpec[] =>
  service.questions.map(({ id, label, required, choices, photo }) =>
    text(`answers.${id}`, required ? label : `${label} (optional)`, {
      ...(photo && { kind: "photo" }),
      choices,
      required,
      maxLength: 1000,
    }),
  );

export const fieldsFor = (service: Service): FieldSpec[] => [
  ...CONTACT,
  ...ADDRESS,
  ...questionFields(service),
  NOTES,
  ...ON_SITE,
];

/** Most jobs are in the tradie's own state, so it is chosen until the customer says otherwise. */
export const valueOf = (details: Details, name: string, tradie: Tradie): string =>
  details[name] ?? (name === "address.state" ? tradie.state : "");

const EXPECTED: Record<string, [RegExp, string]> = {
  "customer.email": [/^\S+@\S+\.\S+$/, "Enter an email address like jo@example.com."],
  "customer.phone": [/^[+()\d\s-]{8,}$/, "Enter a phone number with its area code, like 0412 345 678."],
  "address.postcode": [/^\d{4}$/, "Enter the four digits of the postcode."],
};

/** What can be seen to be wrong before asking the server; the same shape as its `fields`. */
export function checkDetails(details: Details, service: Service, tradie: Tradie): Record<string, string[]> {
  const wrong: Record<string, string[]> = {};
  for (const field of fieldsFor(service)) {
    const value = valueOf(details, field.name, tradie).trim();
    const [expected, hint] = EXPECTED[field.name] ?? [];
    if (field.required && !value) wrong[field.name] = ["Please fill this in."];
    else if (value && expected && !expected.test(value)) wrong[field.name] = [hint!];
  }
  return wrong;
}

/** The JSON text of POST /api/bookings. */
export function bookingBody(
  booking: { start: string; calendar?: string | null; details: Details; hold: { token: string } | null },
  service: Service,
  tradie: Tradie,
): string {
  const value = (name: string) => valueOf(booking.details, name, tradie).trim();
  const group = (fields: FieldSpec[]) =>
    Object.fromEntries(fields.map(({ name }) => [name.slice(name.indexOf(".") + 1), value(name)]));
  const answered = questionFields(service).filter(({ name }) => value(name));
  return JSON.stringify({
    tradie: tradie.slug,
    service: service.id,
    start: booking.start,
    calendar: booking.calendar ?? undefined,
    customer: group(CONTACT),
    address: group(ADDRESS),
    notes: value("notes"),
    on_site: value("on_site.name") || value("on_site.phone") ? group(ON_SITE.slice(0, 2)) : undefined,
    access_notes: value("access_notes") || undefined,
    answers: group(answered),
    deposit_cents: service.deposit_cents || undefined,
    call_out_fee_cents: service.call_out_fee_cents,
    hold: booking.hold?.token,
  });
}
