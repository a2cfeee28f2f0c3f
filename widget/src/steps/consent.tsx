import { useState } from "preact/hooks";
import { problemOf } from "../errors";
import { Problem } from "../parts/problem";
import { shared } from "../shared";
import type { Payment, Problem as ProblemType } from "../types";

/** Asks whether the card may be charged for a no-show. Each tick is told to the server at once, and only what it has
 * written down is shown as ticked. */
export function Consent({
  payment,
  wait,
  onChange,
}: {
  payment: Payment;
  /** A tick is on its way. */
  wait(isOnItsWay: boolean): void;
  onChange(payment: Payment): void;
}) {
  const { booking, calls } = shared();
  const [telling, setTelling] = useState(false);
  const [problem, setProblem] = useState<ProblemType | null>(null);
  const { text, required, given } = payment.consent!;
  const { id, token } = booking.hold!;

  async function tell(agreed: boolean) {
    if (telling || booking.busy) return;
    setTelling(true);
    setProblem(null);
    wait(true);
    try {
      onChange(await calls.consent(id, token, agreed, text));
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setTelling(false);
      wait(false);
    }
  }

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
          aria-disabled={telling || booking.busy}
          onClick={(event) => {
            event.preventDefault(); // what is ticked is what the server has
            void tell(!given);
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
