import { shared } from "../shared";

type Stop = "service" | "time" | "details" | "pay";

const LABELS: Record<Stop, string> = { service: "Job", time: "Time", details: "Details", pay: "Pay" };

/** Where the customer is; steps behind them are buttons that lead back. */
export function Progress() {
  const { tradie, booking, service, send } = shared();
  const here = Object.keys(LABELS).indexOf(booking.step);
  if (here < 0) return null;
  const paying =
    booking.step === "pay" || (service ? [service] : tradie.services).some((one) => one.deposit_cents);
  const stops = (Object.keys(LABELS) as Stop[]).slice(0, paying ? 4 : 3);
  return (
    <nav aria-label="Steps of your booking">
      <ol>
        {stops.map((stop, index) => (
          <li key={stop} class={index < here ? "past" : index === here ? "here" : undefined}>
            {index < here && !booking.hold?.record.quote_url ? (
              <button
                type="button"
                aria-label={`Back to step ${index + 1}: ${LABELS[stop]}`}
                onClick={() => send({ type: "went_back", step: stop })}
              >
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
