// A file of its own, for what few need: what the page's address, a link or a reload brings, and a challenge.
import { fromLink } from "./link";
import { readPrefilled } from "./prefilled";
import { resume } from "./resuming";
import type { Saved } from "./saved";
import { shared } from "./shared";
import { requireAllowed } from "./sites";

export { ask } from "./challenge";

/** `home`: where the API is. Throws ApiError: OFFLINE, or NOT_FOUND on a website that the business does not name. */
export async function takeUp(home: string, saved: Saved | null): Promise<void> {
  const { tradie, store, calls, actions } = shared();
  if (tradie.allowed_sites) requireAllowed(tradie.allowed_sites, home);
  const calendar = new URLSearchParams(location.search).get("calendar");
  if (tradie.calendars?.some(({ id }) => id === calendar)) store.send({ type: "calendar_chosen", calendar });
  const prefilled = readPrefilled();
  const found = (location.hash && (await fromLink(calls))) || saved;
  const context = { tradie, store, calls, actions };
  if (prefilled) store.send({ type: "resumed", booking: { details: prefilled } });
  if (found)
    await resume(context, {
      ...found,
      service: found.service ?? store.state.service,
      details: { ...prefilled, ...found.details }, // what they typed themselves counts
    });
}
