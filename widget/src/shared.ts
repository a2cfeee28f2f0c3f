import type { Actions } from "./actions";
import type { Api } from "./api";
import type { Availability } from "./availability";
import type { Booking, Event } from "./booking";
import type { Calls } from "./calls";
import type { Store } from "./store";
import type { BookingRecord, Service, Tradie } from "./types";

/** What the page is about. There is one booking to a page. */
export interface Model {
  tradie: Tradie;
  store: Store<Booking, Event>;
  api: Api;
  availability: Availability;
  /** Asks once more what is free. */
  lookAgain(): void;
}

/** What comes with the form (`form.ts`). */
export interface FromForm {
  calls: Calls;
  actions: Actions;
  /** What was quoted, whether or not it is on offer. */
  quotedService(record?: BookingRecord): Service | null;
  /** Tells the page around what became of the booking. */
  tellOfBooking(booking: Booking): void;
}

/** What every step needs to know. */
export interface Shared extends Model, FromForm {
  booking: Booking;
  service: Service | null;
  send(event: Event): void;
}

const model = {} as Model & FromForm;

/** What `shared` answers from now on. */
export const share = (more: Partial<Model & FromForm>): void => void Object.assign(model, more);

/** The page's booking as it stands. What comes with the form is there in the steps that need it. */
export function shared(): Shared {
  const { store, tradie, quotedService }: Model & Partial<FromForm> = model;
  const booking = store.state;
  const service =
    quotedService?.(booking.hold?.record) ?? tradie.services.find(({ id }) => id === booking.service) ?? null;
  return { ...model, booking, service, send: store.send };
}
