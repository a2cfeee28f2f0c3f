import type { Tradie } from "./types";

type Calendars = NonNullable<Tradie["calendars"]>;

/** The people and vans that can be asked for a service; nobody where customers may not choose. */
export const whoCan = (tradie: Tradie, service: string): Calendars =>
  tradie.calendars?.filter(({ services }) => services.includes(service)) ?? [];
