import { priceText, dollars, duration } from "../price";
import { comes, zoneName } from "../moments";
import { shared } from "../shared";
import type { Service } from "../types";

/** What is being booked, when and what it costs now: in sight at every step. On a phone it is one line that opens, so that
 * what is to be done comes first. */
export function Summary() {
  const { booking, service } = shared();
  if (!service || booking.step === "done") return null;
  const facts = <Facts service={service} />;
  const now = service.deposit_cents ? `, ${dollars(service.deposit_cents)}` : "";
  return (
    <aside class="card summary" aria-label="Your booking">
      {matchMedia("(min-width: 800px)").matches ? (
        facts
      ) : (
        <details>
          <summary>
            <b>{service.name}</b>
            {booking.start && `, ${comes(booking.start)}`}
            {now}
          </summary>
          {facts}
        </details>
      )}
    </aside>
  );
}

function Facts({ service }: { service: Service }) {
  const { tradie, booking } = shared();
  const promises = tradie.kept_promises;
  const who = tradie.calendars?.find(({ id }) => id === booking.calendar)?.name;
  return (
    <dl>
      <Row name="Job">
        <b>{service.name}</b>
        <small>
          {duration(service.duration_minutes)} · {priceText(service)}
          {service.price_cents > 0 && " incl. GST"}
        </small>
      </Row>
      {booking.start && (
        <Row name={service.arrival_window_minutes ? "Arrival" : "When"}>
          <b>{comes(booking.start)}</b>
          <small>{zoneName(booking.start, tradie.timezone)}</small>
        </Row>
      )}
      {who && (
        <Row name="Who">
          <b>{who}</b>
        </Row>
      )}
      <PayNow service={service} paid={booking.paid} />
      {promises && (
        <Row name="Promises kept">
          <b>
            {promises.kept} of {promises.jobs} jobs
          </b>
        </Row>
      )}
    </dl>
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
