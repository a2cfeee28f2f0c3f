import { useEffect, useState } from "preact/hooks";
import { useShared } from "./context";

/** What is said of the terms of a deposit when they can't be had: no reason to stop anybody. */
export const TERMS_TO_COME = "You'll see what cancelling costs before you pay.";

/**
 * What cancelling costs, in the server's words and no others: those of the booking once it is made, else those for
 * the chosen time. Empty until they have arrived.
 */
export function useStatement(): string[] {
  const { tradie, booking, service, api } = useShared();
  const { hold, start } = booking;
  const [told, setTold] = useState<{ question: string; lines: string[] } | null>(null);
  const agreed = hold && hold.record.start === start && hold.record.service.id === service?.id;
  const question = [service?.id, start, hold?.token].join();

  useEffect(() => {
    if (agreed || !service || !start) return;
    let current = true;
    const tell = (lines: string[]) => current && setTold({ question, lines });
    api
      .statement({ slug: tradie.slug, service: service.id, start, hold: hold?.token ?? null })
      .then(tell, () => tell(service.deposit_cents ? [TERMS_TO_COME] : []));
    return () => void (current = false);
  }, [question, agreed]);

  if (agreed) return hold.record.policy_statement;
  return told?.question === question ? told.lines : [];
}
