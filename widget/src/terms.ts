import type { Booking, Event } from "./booking";
import type { Calls } from "./calls";
import type { Store } from "./store";
import type { Tradie } from "./types";

/** What is said of the terms of a deposit when they can't be had: no reason to stop anybody. */
export const TERMS_TO_COME = "You'll see what cancelling costs before you pay.";

/**
 * Keeps what cancelling costs, in the server's words and no others: those of the booking once it is made, else those
 * for the chosen time.
 */
export function keepTerms(
  store: Store<Booking, Event>,
  calls: Pick<Calls, "statement">,
  { slug, services }: Tradie,
): void {
  let asked = "";

  async function ask() {
    const { service, start, hold } = store.state;
    const question = service && start ? [service, start, hold?.token].join() : "";
    if (question === asked) return;
    asked = question;
    const record = hold?.record;
    let terms: string[] = [];
    store.send({ type: "terms_told", terms });
    if (record && record.start === start && record.service.id === service) terms = record.policy_statement;
    else if (service && start)
      terms = await calls
        .statement({ slug, service, start, hold: hold?.token ?? null })
        .catch(() => (services.find(({ id }) => id === service)?.deposit_cents ? [TERMS_TO_COME] : []));
    if (asked === question) store.send({ type: "terms_told", terms });
  }

  store.subscribe(() => void ask());
  void ask();
}
