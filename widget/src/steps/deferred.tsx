import { useEffect, useState } from "preact/hooks";
import { useShared } from "../context";
import { OFFLINE_SENTENCE } from "../errors";
import { Loading } from "../parts/loading";

type Closing = typeof import("./closing");

let closing: Closing | null = null;

export async function fetchClosingSteps(): Promise<Closing> {
  return (closing ??= await import("./closing"));
}

/** A step from the second file, which is fetched when the first request goes out. */
export function DeferredStep() {
  const { booking } = useShared();
  const [steps, setSteps] = useState(closing);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!steps) fetchClosingSteps().then(setSteps, () => setFailed(true));
  }, []);
  if (failed) return <Failed />;
  if (!steps) return <Loading />;
  const Step = steps[booking.step as keyof Omit<Closing, "fromLink" | "resumeHold" | "requireAllowed">];
  return <Step />;
}

/** A browser remembers that a file failed, so another try means another page load; the held time survives it. */
function Failed() {
  return (
    <div class="problem" role="alert">
      <p>
        <b>{OFFLINE_SENTENCE}</b>
      </p>
      <button type="button" class="button" onClick={() => window.location.reload()}>
        Reload: your time stays held
      </button>
    </div>
  );
}
