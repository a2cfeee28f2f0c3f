import type { ComponentType } from "preact";
import { ApiError, NO_ANSWER } from "./errors";
import { Loading } from "./parts/loading";
import { Trouble } from "./parts/trouble";
import { shared } from "./shared";

interface File {
  steps: Record<string, ComponentType<any>>;
  /** Its style sheet is there. */
  ready: Promise<unknown>;
}

/** Steps in a file of their own, fetched while the customer chooses, so that none waits for it. */
export interface Later<Loaded extends File> {
  file?: Loaded;
  /** Throws ApiError OFFLINE. */
  fetch(): Promise<Loaded>;
  /** The one that the booking is at, with what it is given. */
  Step: ComponentType<any>;
}

export function later<Loaded extends File>(load: () => Promise<Loaded>): Later<Loaded> {
  let fetching: Promise<Loaded> | undefined;
  let failed = false;

  async function fetch(): Promise<Loaded> {
    try {
      const file = await load();
      await file.ready;
      return (it.file = file);
    } catch {
      failed = true;
      throw new ApiError(NO_ANSWER);
    } finally {
      shared().send({ type: "resumed", booking: {} }); // to be drawn anew
    }
  }

  const it: Later<Loaded> = {
    // A browser remembers that a file failed, so another try means another page load.
    fetch: () => (fetching ??= fetch()),
    Step(props) {
      const Step = it.file?.steps[shared().booking.step];
      if (Step) return <Step {...props} />;
      it.fetch().catch(() => null);
      if (!failed) return <Loading />;
      const { tradie } = shared();
      return <Trouble tradie={tradie} message={NO_ANSWER.message} onAgain={() => location.reload()} />;
    },
  };
  return it;
}

/** The form, and what is asked of the API from there on. */
export const form = later(() => import("./form"));
