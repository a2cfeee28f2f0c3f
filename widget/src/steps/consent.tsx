import { Component } from "preact";
import { problemOf } from "../errors";
import { Problem } from "../parts/problem";
import { shared } from "../shared";
import type { Payment, Problem as ProblemType } from "../types";

interface Props {
  payment: Payment;
  /** A tick is on its way. */
  wait(isOnItsWay: boolean): void;
  onChange(payment: Payment): void;
}

interface State {
  telling?: boolean;
  problem?: ProblemType | null;
}

/** Asks whether the card may be charged for a no-show. Each tick is told to the server at once, and only what it has
 * written down is shown as ticked. */
export class Consent extends Component<Props, State> {
  async tell() {
    const { payment, wait, onChange } = this.props;
    const { booking, calls } = shared();
    if (this.state.telling || booking.busy) return;
    const { text, given } = payment.consent!;
    const { id, token } = booking.hold!;
    this.setState({ telling: true, problem: null });
    wait(true);
    try {
      onChange(await calls.consent(id, token, !given, text));
    } catch (error) {
      this.setState({ problem: problemOf(error) });
    } finally {
      this.setState({ telling: false });
      wait(false);
    }
  }

  override render({ payment }: Props, { telling, problem }: State) {
    const { text, required, given } = payment.consent!;
    return (
      <div class="note">
        {problem && <Problem problem={problem} />}
        <label style={{ display: "flex", gap: "12px", cursor: "pointer" }}>
          <input
            type="checkbox"
            style={{
              flex: "none",
              width: "24px",
              height: "24px",
              minHeight: "0",
              margin: "0",
              accentColor: "var(--accent)",
            }}
            checked={given}
            aria-disabled={telling || shared().booking.busy}
            onClick={(event) => {
              event.preventDefault(); // what is ticked is what the server has
              void this.tell();
            }}
          />
          <span>
            {text}
            {required && <b> To book this service, please tick this.</b>}
          </span>
        </label>
        <p role="status" class="hint">
          {telling ? "Noting it…" : ""}
        </p>
      </div>
    );
  }
}
