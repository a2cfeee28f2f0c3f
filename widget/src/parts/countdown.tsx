import { useEffect, useRef, useState } from "preact/hooks";
import { shared } from "../shared";
import { plural } from "../format";
import { moment } from "../moments";

/** Seconds left at which a screen reader hears of it. */
const SPOKEN = [300, 120, 60, 30];
const AN_HOUR = 3600;
const SOON = 120;

interface Props {
  until: string;
  /** Once, when it is over. */
  onEnd(): void;
  /** Asks for more time, where there is more to be had. */
  onMore?: (() => void) | undefined;
}

/** How long the time is still held. */
export function Countdown({ until, onEnd, onMore }: Props) {
  const { api } = shared();
  const secondsLeft = () => Math.max(0, Math.ceil((Date.parse(until) - api.now()) / 1000));
  const [left, setLeft] = useState(secondsLeft);
  const [spoken, setSpoken] = useState("");
  const before = useRef(left);

  useEffect(() => {
    const timer = setInterval(() => setLeft(secondsLeft()), 1000);
    return () => clearInterval(timer);
  }, [until]);

  useEffect(() => {
    if (left === 0) onEnd();
    // A tab in the background may skip seconds, so what counts is that the moment has passed; or they got more time.
    if (left > before.current + SOON || SPOKEN.some((moment) => left <= moment && moment < before.current))
      setSpoken(`Your time is held for ${spokenTime(left)} more.`);
    before.current = left;
  }, [left]);

  return (
    <div class={`countdown ${left <= SOON ? "soon" : ""}`}>
      {left > AN_HOUR ? (
        <p>Your time is held until {moment(until)}.</p>
      ) : (
        <p>
          Your time is held for <span role="timer">{countdown(left)}</span>
          {left <= SOON && ". Pay before then to keep it."}
        </p>
      )}
      {left <= SOON && onMore && (
        <button type="button" class="link" onClick={onMore}>
          I need more time
        </button>
      )}
      <p class="visually-hidden" aria-live="polite">
        {spoken}
      </p>
    </div>
  );
}

/** Whole seconds as "9:05". */
const countdown = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

const spokenTime = (seconds: number) =>
  seconds < 60 ? plural(seconds, "second") : plural(Math.round(seconds / 60), "minute");
