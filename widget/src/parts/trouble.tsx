import type { Tradie } from "../types";
import { CallButton } from "./call_button";

interface Props {
  message: string;
  tradie?: Tradie;
  onAgain(): void;
}

/** What can't be had now, and the ways on. */
export const Trouble = ({ message, tradie, onAgain }: Props) => (
  <div class="problem" role="alert">
    <p>
      <b>{message}</b>
    </p>
    <div class="actions">
      <button type="button" class="button" onClick={onAgain}>
        Try again
      </button>
      {tradie && <CallButton tradie={tradie} />}
    </div>
  </div>
);
