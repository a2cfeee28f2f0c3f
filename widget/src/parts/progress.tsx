import type { Step } from "../booking";
import { useShared } from "../context";

type Stop = "service" | "time" | "details" | "pay";

const LABELS: Record<Stop, string> = { service: "Job", time: "Time", details: "Details", pay: "Pay" };
const ORDER: Step[] = ["service", "time", "details", "pay", "confirming", "done"];

/** Where the customer is; steps behind them are buttons that lead back. */
export function Progress() {
  const { booking, service, actions } = useShared();
  if (booking.step === "done" || booking.step === "confirming") return null;
  const stops = (Object.keys(LABELS) as Stop[]).filter(
    (stop) => stop !== "pay" || service?.deposit_cents !== 0,
  );
  const here = ORDER.indexOf(booking.step);
  return (
    <nav class="progress" aria-label="Steps of your booking">
      <ol>
        {stops.map((stop, index) => (
          <li key={stop} class={index < here ? "past" : index === here ? "here" : ""}>
            {index < here && stop !== "pay" && !booking.hold?.record.quote_url ? (
              <button type="button" onClick={() => actions.send({ type: "went_back", step: stop })}>
                <span class="visually-hidden">Back to step {index + 1}: </span>
                {LABELS[stop]}
              </button>
            ) : (
              <span aria-current={index === here ? "step" : undefined}>{LABELS[stop]}</span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
