import { Component } from "preact";
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

interface State {
  left: number;
  spoken: string;
}

const secondsLeft = ({ until }: Props) =>
  Math.max(0, Math.ceil((Date.parse(until) - shared().api.now()) / 1000));

/** How long the time is still held. */
export class Countdown extends Component<Props, State> {
  override state: State = { left: secondsLeft(this.props), spoken: "" };
  timer = setInterval(() => this.look(), 1000);
  over = false;

  look() {
    const before = this.state.left;
    const left = secondsLeft(this.props);
    // A tab in the background may skip seconds, so what counts is that the moment has passed; or they got more time.
    if (left > before + SOON || SPOKEN.some((moment) => left <= moment && moment < before))
      this.setState({ spoken: `Your time is held for ${spokenTime(left)} more.` });
    this.setState({ left });
    if (left || this.over) return;
    this.over = true;
    this.props.onEnd();
  }

  override componentWillUnmount() {
    clearInterval(this.timer);
  }

  override render({ until, onMore }: Props, { left, spoken }: State) {
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
}

/** Whole seconds as "9:05". */
const countdown = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

const spokenTime = (seconds: number) =>
  seconds < 60 ? plural(seconds, "second") : plural(Math.round(seconds / 60), "minute");
