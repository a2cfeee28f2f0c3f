import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Actions } from "./actions";
import type { Availability } from "./availability";
import type { Api } from "./api";
import type { Booking, Event } from "./booking";
import type { Store } from "./store";
import type { Service, Tradie } from "./types";

/** What every step needs to know. */
export interface Shared {
  tradie: Tradie;
  booking: Booking;
  service: Service | null;
  store: Store<Booking, Event>;
  api: Api;
  actions: Actions;
  availability: Availability;
}

export const SharedContext = createContext<Shared | null>(null);

export function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (!shared) throw new Error("A step was shown outside the booking.");
  return shared;
}
