import { nameOf, type Availability } from "./availability";
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
      postcode: details["address.postcode"], // once they have said where it is
      calendar,
      month,
      service: service!,
      hold: hold?.token,
    });
    const question = step === "time" ? nameOf(wantedIn(month)) : "";
    if (question === asked || !(asked = question)) return;
    store.send({ type: "times_asked" });
    try {
      const times = await availability.month(wantedIn(month));
      if (asked !== question) return; // they have paged on meanwhile
      asked = nameOf(wantedIn(times.month));
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
