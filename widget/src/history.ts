import type { Booking, Event, Step } from "./booking";
import { tellHost } from "./resize";
import type { Store } from "./store";

/** The browser's Back and Forward lead through the steps, and the page around a frame hears of each. */
export function keepHistory(store: Store<Booking, Event>): void {
  let shown: Step | undefined;
  let byBrowser = false;

  function follow() {
    const { step } = store.state;
    if (step === shown) return;
    // Where a booking ends is no way back to its beginning.
    const anew = shown && step !== "confirming" && step !== "done";
    if (!byBrowser) history[anew ? "pushState" : "replaceState"](step, "");
    tellHost({ type: "step", step: (shown = step) });
  }

  addEventListener("popstate", ({ state }) => {
    byBrowser = true;
    if (state) store.send({ type: "went_back", step: state as Step });
    byBrowser = false;
  });
  store.subscribe(follow);
  follow();
}
