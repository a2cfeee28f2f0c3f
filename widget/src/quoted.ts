import type { BookingRecord, Service } from "./types";

/** What was quoted, as the steps from the card on read a service: by its own words and money. Its service may not be on
 * offer, and they ask for nothing else of it. */
export const quotedService = (record?: BookingRecord): Service | null =>
  record?.quote_url ? ({ ...record.service, deposit_cents: record.deposit_cents } as Service) : null;
