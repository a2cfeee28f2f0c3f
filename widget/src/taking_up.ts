// A file of its own, for what few need: what the page's address, a link or a reload brings, and a challenge.
import { fromLink } from "./link";
import type { Step } from "./booking";
import { readPrefilled } from "./prefilled";
import { resume } from "./resuming";
import type { Saved } from "./saved";
import { shared } from "./shared";
import { requireAllowed } from "./sites";

export { ask } from "./challenge";

const WAY: Step[] = ["service", "time", "details", "pay"];

/** A frame that is loaded anew with the page around it has lost the way that led here, as has whoever came by a link: Back
 * is to lead one step back all the same. */
function laySteps(step: Step, first: number): void {
  if (history.state) return; // a page of its own keeps it
  for (const passed of WAY.slice(first, Math.max(first, WAY.indexOf(step)))) {
    history.replaceState(passed, "");
    history.pushState(null, ""); // the step that is shown writes itself there
  }
}

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
  laySteps(store.state.step, tradie.services[1] ? 0 : 1);
}
