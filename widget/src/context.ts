import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Actions } from "./actions";
import type { Availability } from "./availability";
import type { Booking } from "./booking";
import type { Service, Tradie } from "./types";

/** What every step needs to know. */
export interface Shared {
  tradie: Tradie;
  booking: Booking;
  service: Service | null;
  actions: Actions;
  availability: Availability;
  /** The server's clock, ms. */
  now(): number;
}

export const SharedContext = createContext<Shared | null>(null);

export function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (!shared) throw new Error("A step was shown outside the booking.");
  return shared;
}
