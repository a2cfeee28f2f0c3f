import type { Booking, Event } from "./booking";
import { isSettled } from "./holding";
import type { BookingRecord } from "./types";

/** What a held booking becomes while it is paid. */
export function proceedPaying(booking: Booking, event: Event): Booking {
  const to = (change: Partial<Booking>): Booking => ({ ...booking, ...change });
  switch (event.type) {
    case "hold_extended":
      return booking.hold
        ? to({ hold: { ...booking.hold, payment: event.payment }, lapsed: false })
        : booking;
    case "hold_lapsed":
      // While a payment is under way the server decides what becomes of the time.
      return booking.step !== "pay" || booking.busy ? booking : to({ lapsed: true, problem: null });
    case "payment_sent":
      return to({ busy: true, problem: null });
    case "card_incomplete":
      return to({ busy: false });
    case "card_declined":
      return to({ busy: false, problem: { code: "CARD_DECLINED", message: event.message } });
    case "confirmation_slow":
      return to({ slow: true });
    case "record_arrived":
      return withRecord(booking, event.record);
  }
  return booking;
}

function withRecord(booking: Booking, record: BookingRecord): Booking {
  if (!booking.hold) return booking;
  const hold = { ...booking.hold, record };
  return isSettled(record, booking.paid)
    ? { ...booking, hold, step: "done", busy: false, problem: null }
    : { ...booking, hold };
}
