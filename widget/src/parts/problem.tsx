import { useEffect, useRef } from "preact/hooks";
import { useShared } from "../context";
import { sentence } from "../errors";
import { moment, repeatedWallTimes, zoneAbbreviation } from "../format";
import { reveal } from "../resize";
import type { Problem as ProblemType } from "../types";
import { CallButton } from "./call_button";

const CALL_FOR = new Set([
  "OUTSIDE_SERVICE_AREA",
  "TRADIE_NOT_BOOKABLE",
  "CALL_INSTEAD",
  "OFFLINE",
  "INTERNAL_ERROR",
]);

/** What went wrong and what to do next. Takes the focus, so that nobody misses it. */
export function Problem({ problem, labels = {} }: { problem: ProblemType; labels?: Record<string, string> }) {
  const { tradie } = useShared();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
    if (box.current) reveal(box.current);
  }, [problem.code, problem.message]);
  const fields = Object.entries(problem.fields ?? {});
  return (
    <div class="problem" role="alert" tabIndex={-1} ref={box}>
      <p>
        <b>{sentence(problem)}</b>
      </p>
      {fields.length > 0 && (
        <ul>
          {fields.map(([name, messages]) => (
            <li key={name}>
              {labels[name] ? (
                <a href={`#${name}`}>
                  {labels[name].replace(/\?$| \(optional\)$/, "")}: {messages[0]}
                </a>
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
      {CALL_FOR.has(problem.code) && <CallButton tradie={tradie} />}
    </div>
  );
}

const isAboutTheTime = ({ code, alternatives, fields }: ProblemType) =>
  alternatives !== undefined || fields?.start !== undefined || code === "BOOKING_NOT_PAYABLE";

/** The nearest free times; one tap holds one. */
export function Alternatives({ starts }: { starts: string[] }) {
  const { tradie, actions } = useShared();
  const repeated = repeatedWallTimes(starts);
  return (
    <div class="alternatives">
      {starts.length > 0 && (
        <ul aria-label="Nearest free times">
          {starts.map((start) => (
            <li key={start}>
              <button type="button" class="button secondary" onClick={() => actions.holdAt(start)}>
                {moment(start)}
                {repeated.has(start.slice(0, 16)) && ` ${zoneAbbreviation(start, tradie.timezone)}`}
              </button>
            </li>
          ))}
        </ul>
      )}
      <button type="button" class="link" onClick={() => actions.send({ type: "went_back", step: "time" })}>
        {starts.length ? "See all times" : "Choose another time"}
      </button>
    </div>
  );
}
