import { useEffect, useRef, useState } from "preact/hooks";
import { useShared } from "../context";
import { countdown, plural } from "../format";

/** Seconds left at which a screen reader hears of it. */
const SPOKEN = [300, 120, 60, 30];

/** How long the time is still held; calls `onEnd` once when it is over. */
export function Countdown({ until, onEnd }: { until: string; onEnd(): void }) {
  const { api } = useShared();
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
    // A tab in the background may skip seconds, so what counts is that the moment has passed.
    if (SPOKEN.some((moment) => left <= moment && moment < before.current))
      setSpoken(`Your time is held for ${spokenTime(left)} more.`);
    before.current = left;
  }, [left]);

  return (
    <div class={`countdown ${left <= 60 ? "soon" : ""}`}>
      <p>
        Your time is held for <span role="timer">{countdown(left)}</span>
      </p>
      <p class="visually-hidden" aria-live="polite">
        {spoken}
      </p>
    </div>
  );
}

const spokenTime = (seconds: number) =>
  seconds < 60 ? plural(seconds, "second") : plural(Math.round(seconds / 60), "minute");
