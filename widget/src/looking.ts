import type { Availability } from "./availability";
import type { Booking, Event } from "./booking";
import { problemOf } from "./errors";
import { addMonths } from "./format";
import type { Store } from "./store";

/**
 * Keeps what the calendar shows as it is asked for: the month, for the service and whoever is to come. Calls `told`
 * when the times are there. The answer asks again after a failure.
 */
export function keepLooking(
  store: Store<Booking, Event>,
  availability: Availability,
  told: () => void,
): () => void {
  let asked = "";

  async function look() {
    const { step, service, calendar, month, hold, details } = store.state;
    const wantedIn = (month: string | null) => ({
      service: service!,
      calendar,
      hold: hold?.token,
      postcode: details["address.postcode"], // once they have said where it is
      month,
    });
    const questionAbout = (month: string | null) => Object.values(wantedIn(month)).join();
    const question = step === "time" ? questionAbout(month) : "";
    if (question === asked) return;
    asked = question;
    if (!question) return;
    store.send({ type: "times_asked" });
    try {
      const times = await availability.month(wantedIn(month));
      if (asked !== question) return; // they have paged on meanwhile
      asked = questionAbout(times.month);
      store.send({ type: "times_told", times });
      told();
      // For whoever pages on.
      if (times.first_free) availability.month(wantedIn(addMonths(times.month, 1))).catch(() => null);
    } catch (error) {
      if (asked === question) store.send({ type: "times_missing", problem: problemOf(error) });
    }
  }

  store.subscribe(() => void look());
  return () => {
    asked = "";
    void look();
  };
}
