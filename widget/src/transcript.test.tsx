// @vitest-environment happy-dom
// What a screen reader says from the top to the bottom of each step of a booking. After a change, read the transcript: it
// is the page, for somebody.
import { virtual } from "@guidepup/virtual-screen-reader";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { App } from "./app";
import { timesOf } from "./availability";
import { start, type Booking } from "./booking";
import { closing } from "./closing_file";
import { form } from "./later";
import * as keys from "./parts/calendar_keys";
import { Problem } from "./parts/problem";
import { Summary } from "./parts/summary";
import { DetailsStep } from "./steps/details";
import { DoneStep } from "./steps/done";
import { PayStep } from "./steps/pay";
import { EIGHT, january, joe, payment, record, shareBooking, typed } from "./testing";

const hold = { id: "b1", token: "t", record, payment };
const chosen: Booking = { ...start, service: "drain", month: "2026-01", day: "2026-01-14" };
const filledIn: Booking = { ...chosen, start: EIGHT, details: typed, terms: record.policy_statement };
const missing = { "customer.email": ["Please fill this in."], "address.postcode": ["Please fill this in."] };
const calendars = {
  google_calendar_url: "https://google.example",
  outlook_calendar_url: "https://outlook.example",
};

const STEPS: Record<string, Booking> = {
  "What is to be done": start,
  "When, with four times on the day that is shown": { ...chosen, step: "time", times: timesOf(january) },
  "The form": { ...filledIn, step: "details", details: {} },
  "The form, sent too early": {
    ...filledIn,
    step: "details",
    problem: { code: "VALIDATION_FAILED", message: "", fields: missing },
  },
  "To pay, where cards can't be had": { ...filledIn, step: "pay", hold },
  "Card declined": {
    ...filledIn,
    step: "pay",
    hold,
    problem: {
      code: "CARD_DECLINED",
      message: "Your card was declined. Nothing was charged: try another card.",
    },
  },
  "The end": {
    ...filledIn,
    step: "done",
    paid: true,
    hold: { ...hold, record: { ...record, ...calendars, status: "confirmed", paid_cents: 3000 } },
  },
};

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-01-10T09:50:00+11:00"), toFake: ["Date", "setInterval"] });
  document.documentElement.lang = "en-AU";
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  form.file = { ...keys, Summary, steps: { details: DetailsStep, pay: PayStep, done: DoneStep } } as never;
  closing.file = { steps: { details: Problem } } as never;
  closing.fetch = async () => closing.file!;
});
afterEach(() => act(() => render(null, document.body)));

async function heard(booking: Booking): Promise<string[]> {
  shareBooking(booking, { tradie: { ...joe, stripe: null }, api: { now: () => Date.now() } });
  act(() => render(<App />, document.body));
  await virtual.start({ container: document.body });
  while ((await virtual.lastSpokenPhrase()) !== "end of document") await virtual.next();
  const phrases = await virtual.spokenPhraseLog();
  await virtual.stop();
  return phrases;
}

it("reads well", async () => {
  let transcript = "";
  for (const [name, booking] of Object.entries(STEPS)) {
    transcript += `\n# ${name}\n\n${(await heard(booking)).join("\n")}\n`;
    act(() => render(null, document.body));
  }
  await expect(transcript.trimStart()).toMatchFileSnapshot("transcript.txt");
}, 30_000);
