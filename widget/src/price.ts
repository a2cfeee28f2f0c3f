import { dollars } from "./format";
import type { Service } from "./types";

/** "From $180", "$95". */
export const priceText = (service: Service): string =>
  service.price_cents ? `${service.price_from ? "From " : ""}${dollars(service.price_cents)}` : "Free";

/** What is due at booking, in a few words. */
export function depositText({
  deposit_cents: deposit,
  deposit_kind: kind,
  requires_approval,
}: Service): string {
  if (!deposit) return requires_approval ? "Nothing to pay now" : "No deposit";
  if (requires_approval) return `${dollars(deposit)} held on your card`;
  return kind === "full" ? `${dollars(deposit)} paid in full now` : `${dollars(deposit)} deposit now`;
}
