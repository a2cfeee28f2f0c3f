import type { Booking } from "./booking";
import { tellHost } from "./resize";

/**
 * Tells the page around a frame what became of the booking, each once, and nothing of what a reload took up. Never who
 * books, and no token.
 */
export function createTelling(): (booking: Booking) => void {
  let created: string | undefined;
  let confirmed: string | undefined;
  let problem: string | undefined;
  let begun = false;

  return (booking) => {
    const { id, record } = booking.hold ?? {};
    const done = record?.status === "confirmed" ? id : undefined;
    if (begun && record) {
      const { reference, start, status, service } = record;
      const told = { reference, start, status, service: service.name };
      if (id !== created) tellHost({ type: "booking-created", ...told });
      if (done && done !== confirmed) tellHost({ type: "booking-confirmed", ...told });
    }
    const code = booking.problem?.code;
    if (code && code !== problem) tellHost({ type: "error", code });
    [created, confirmed, problem, begun] = [id, done, code, true];
  };
}
