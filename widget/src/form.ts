// The file of the form, and of what is asked of the API from there on. Fetched while the customer chooses a time.
import { createActions } from "./actions";
import { createCalls } from "./calls";
import { closing } from "./closing_file";
import { proceed } from "./holding";
import { ApiError, NO_ANSWER } from "./errors";
import { quotedService } from "./quoted";
import { load, save } from "./saved";
import { share, shared } from "./shared";
import { DetailsStep } from "./steps/details";
import style from "./style/form.css?url";
import { styled } from "./styled";
import { createTelling } from "./telling";
import { keepTerms } from "./terms";

export { focusWanted, onCalendarKey } from "./parts/calendar_keys";
export { Above } from "./parts/above";
export { Summary } from "./parts/summary";
export { Wait } from "./parts/wait";

export const steps = {
  closed: closing.Step,
  time: closing.Step, // in the place of times, where there are none
  details: DetailsStep,
  pay: closing.Step,
  confirming: closing.Step,
  done: closing.Step,
};
export const ready = styled(style);

const { api, store, tradie, availability } = shared();
const calls = createCalls(api);
const actions = createActions({ store, calls, tradie, availability });
store.learn(proceed);
share({ calls, actions, quotedService, tellOfBooking: createTelling() });
keepTerms(store, calls, tradie);

const saved = load(tradie.slug);
const somethingToTakeUp = Boolean(saved || location.hash);

/** From now on a reload loses nothing. */
function keepSaving(): void {
  const keep = () => save(tradie.slug, store.state);
  store.subscribe(keep);
  keep();
}

if (!somethingToTakeUp) keepSaving(); // else what was saved would be lost before it is taken up

/** What the address, a link or a reload brought. `home`: where the API is. Throws ApiError: OFFLINE, or NOT_FOUND on a
 * website that the business does not name. */
export async function takeUp(home: string): Promise<void> {
  const file = await import("./taking_up").catch(() => {
    throw new ApiError(NO_ANSWER);
  });
  await file.takeUp(home, saved);
  if (somethingToTakeUp) keepSaving();
}
