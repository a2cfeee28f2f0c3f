import { useShared } from "../context";
import { clock, dollars, duration, shortDay, zoneName } from "../format";
import { priceText } from "../price";
import { useStatement } from "../statement";
import type { Service, Tradie } from "../types";

/** What is being booked, when, what it costs now, and what happens on a cancellation: in sight at every step. */
export function Summary() {
  const { tradie, booking, service } = useShared();
  const statement = useStatement();
  const who = tradie.calendars?.find(({ id }) => id === booking.calendar)?.name;
  if (!service || booking.step === "done") return null;
  return (
    <aside class="card summary" aria-label="Your booking">
      <dl>
        <div>
          <dt>Job</dt>
          <dd>
            <b>{service.name}</b>
            <small>
              {duration(service.duration_minutes)} · {priceText(service)}
              {service.price_cents > 0 && " incl. GST"}
            </small>
          </dd>
        </div>
        {booking.start && booking.step !== "service" && <When start={booking.start} tradie={tradie} />}
        {who && (
          <div>
            <dt>Who</dt>
            <dd>
              <b>{who}</b>
            </dd>
          </div>
        )}
        <PayNow service={service} paid={booking.paid} />
      </dl>
      {statement.length > 0 && (
        <ul class="policy" aria-label="If your plans change">
          {statement.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </aside>
  );
}

function When({ start, tradie }: { start: string; tradie: Tradie }) {
  return (
    <div>
      <dt>When</dt>
      <dd>
        <b>
          {shortDay(start)}, <span class="nowrap">{clock(start)}</span>
        </b>
        <small>{zoneName(start, tradie.timezone)}</small>
      </dd>
    </div>
  );
}

function PayNow({ service, paid }: { service: Service; paid: boolean }) {
  const rest = service.price_cents - service.deposit_cents;
  return (
    <div>
      <dt>{service.requires_approval && service.deposit_cents ? "Held" : paid ? "Paid" : "Pay now"}</dt>
      <dd>
        <b>{dollars(service.deposit_cents)}</b>
        {service.deposit_cents > 0 && rest > 0 && (
          <small>
            {service.price_from ? "From " : ""}
            {dollars(rest)} after the job
          </small>
        )}
      </dd>
    </div>
  );
}
