import type { Service } from "./types";

/** "From $180", "$95". */
export const priceText = (service: Service): string =>
  service.price_cents ? `${service.price_from ? "From " : ""}${dollars(service.price_cents)}` : "Free";

/** 3000 as "$30", 8250 as "$82.50". */
export function dollars(cents: number): string {
  const whole = Math.floor(cents / 100).toLocaleString("en-AU");
  return cents % 100 ? `$${whole}.${String(cents % 100).padStart(2, "0")}` : `$${whole}`;
}

/** 90 as "1 h 30 min". */
export function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours && `${hours} h`, rest && `${rest} min`].filter(Boolean).join(" ");
}
