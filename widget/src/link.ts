import type { Calls } from "./calls";
import type { Details } from "./booking";
import { isSettled } from "./holding";
import type { Saved } from "./saved";
import type { BookingRecord } from "./types";

/** What a link from the page of a booking, or from our mail, asks to take up: `?service=&start=#booking=&token=`.
 * The secret is taken out of the address, where other scripts would see it. Throws ApiError OFFLINE. */
export async function fromLink(calls: Calls): Promise<Saved | null> {
  const query = new URLSearchParams(location.search);
  const secret = new URLSearchParams(location.hash.slice(1));
  const [id, token] = [secret.get("booking"), secret.get("token")];
  if (!id || !token) return null;
  const record = await calls.booking(id, token).catch((error: unknown) => {
    if ((error as { problem?: { code: string } }).problem?.code === "OFFLINE") throw error;
    return null; // the link was replaced: its service and time are still worth something
  });
  history.replaceState(null, "", location.pathname + location.search);
  const [service, start] = [query.get("service"), query.get("start")];
  const details = record ? detailsOf(record) : {};
  const chosenAnew = !record || (start && isSettled(record, false));
  return { service, start, details, hold: chosenAnew ? null : { id, token }, paid: false, attempt: null };
}

/** What was typed for a booking, as the server has it. Answers to questions are not in it. */
function detailsOf({ customer, address, notes, access_notes, on_site }: BookingRecord): Details {
  const details: Details = { notes, ...(access_notes && { access_notes }) };
  for (const [group, fields] of Object.entries({ customer, address, on_site }))
    for (const [name, value] of Object.entries(fields ?? {})) details[`${group}.${name}`] = value;
  return details;
}
