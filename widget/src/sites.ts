// A business may say on which websites its booking page stands; `frame-ancestors` says it where the server can.

import { ApiError } from "./errors";

/** Throws within the page of any other. `home`: where the dashboard is, which shows the page as well. */
export function requireAllowed(sites: string[], home: string): void {
  if (window.parent === window) return;
  const { ancestorOrigins, origin } = window.location;
  const around = ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
  if (![...sites, home, origin].includes(around))
    throw new ApiError({ code: "NOT_FOUND", message: "Online booking isn't to be had on this website." });
}
