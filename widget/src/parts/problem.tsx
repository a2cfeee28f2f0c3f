import { comes, zoneAbbreviation } from "../moments";
import { repeatedWallTimes } from "../nearest";
import { reveal } from "../resize";
import { sentence } from "../sentences";
import { shared } from "../shared";
import type { Problem as ProblemType } from "../types";
import { CallOrBeCalled } from "./call_or_be_called";

const CALL_FOR = new Set([
  "OUTSIDE_SERVICE_AREA",
  "TRADIE_NOT_BOOKABLE",
  "CALL_INSTEAD",
  "PRESS_AGAIN",
  "OFFLINE",
  "INTERNAL_ERROR",
]);

function notice(box: HTMLElement | null): void {
  if (!box) return;
  box.focus({ preventScroll: true });
  reveal(box);
}

function challenge(box: HTMLElement | null): void {
  if (box) import("../taking_up").catch(() => null).then((seldom) => seldom?.ask(box)); // without it they can call
}

/** What went wrong and what to do next. Takes the focus, so that nobody misses it. `labels`: of the fields beside which
 * it is said what is wrong with them. */
export function Problem({ problem, labels = {} }: { problem: ProblemType; labels?: Record<string, string> }) {
  const fields = Object.entries(problem.fields ?? {});
  return (
    <div key={problem.code + problem.message} class="problem" role="alert" tabIndex={-1} ref={notice}>
      <p>
        <b>{sentence(problem)}</b>
      </p>
      {fields.length > 0 && (
        <ul>
          {fields.map(([name, messages]) => (
            <li key={name}>
              {labels[name] ? (
                <a href={`#${name}`}>{labels[name].replace(/\?$| \(optional\)$/, "")}</a>
              ) : (
                messages[0]
              )}
            </li>
          ))}
        </ul>
      )}
      {isAboutTheTime(problem) && (
        <Alternatives starts={(problem.alternatives ?? []).map(({ start }) => start)} />
      )}
      {problem.challenge && <div ref={challenge} />}
      {(problem.challenge || CALL_FOR.has(problem.code)) && <CallOrBeCalled />}
    </div>
  );
}

const isAboutTheTime = ({ code, alternatives, fields }: ProblemType) =>
  alternatives !== undefined || fields?.start !== undefined || code === "BOOKING_NOT_PAYABLE";

/** The nearest free times; one tap holds one. */
export function Alternatives({ starts }: { starts: string[] }) {
  const { tradie, booking, actions, send } = shared();
  const repeated = repeatedWallTimes(starts);
  const seeAll = () =>
    send(
      booking.step === "done"
        ? { type: "started_over", service: booking.service }
        : { type: "went_back", step: "time" },
    );
  return (
    <div class="alternatives">
      {starts.length > 0 && (
        <ul aria-label="Nearest free times">
          {starts.map((start) => (
            <li key={start}>
              <button type="button" class="button secondary" onClick={() => actions.holdAt(start)}>
                {comes(start)}
                {repeated.has(start.slice(0, 16)) && ` ${zoneAbbreviation(start, tradie.timezone)}`}
              </button>
            </li>
          ))}
        </ul>
      )}
      <button type="button" class="link" onClick={seeAll}>
        {starts.length ? "See all times" : "Choose another time"}
      </button>
    </div>
  );
}
