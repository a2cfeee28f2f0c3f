import { clock } from "../format";
import { priceText, dollars, duration } from "../price";
import { shortDay, zoneName } from "../moments";
import { shared } from "../shared";
import type { Service, Tradie } from "../types";

/** What is being booked, when and what it costs now: in sight at every step. */
export function Summary() {
  const { tradie, booking, service } = shared();
  const who = tradie.calendars?.find(({ id }) => id === booking.calendar)?.name;
  if (!service || booking.step === "done") return null;
  return (
    <aside class="card summary" aria-label="Your booking">
      <dl>
        <Row name="Job">
          <b>{service.name}</b>
          <small>
            {duration(service.duration_minutes)} · {priceText(service)}
            {service.price_cents > 0 && " incl. GST"}
          </small>
        </Row>
        {booking.start && booking.step !== "service" && <When start={booking.start} tradie={tradie} />}
        {who && (
          <Row name="Who">
            <b>{who}</b>
          </Row>
        )}
        <PayNow service={service} paid={booking.paid} />
      </dl>
    </aside>
  );
}

function Row({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function When({ start, tradie }: { start: string; tradie: Tradie }) {
  return (
    <Row name="When">
      <b>
        {shortDay(start)}, <span class="nowrap">{clock(start)}</span>
      </b>
      <small>{zoneName(start, tradie.timezone)}</small>
    </Row>
  );
}

/** Nothing where nothing is ever to be paid. */
function PayNow({ service, paid }: { service: Service; paid: boolean }) {
  const { deposit_cents: deposit, price_cents: price, price_from, requires_approval } = service;
  if (!price) return null;
  const rest = price - deposit;
  return (
    <Row name={requires_approval && deposit ? "Held" : paid ? "Paid" : "Pay now"}>
      <b>{deposit ? dollars(deposit) : "Nothing"}</b>
      {rest > 0 && (
        <small>
          {price_from ? "From " : ""}
          {dollars(rest)} after the job
        </small>
      )}
    </Row>
  );
}
