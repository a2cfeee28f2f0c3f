import { Component } from "preact";
import { shared } from "../shared";
import { arrival, longDay } from "../format";
import { dollars } from "../price";
import { moment, shortDay, zoneName } from "../moments";
import { nearestStarts } from "../nearest";
import { Heading } from "../parts/heading";
import { Alternatives } from "../parts/problem";
import { CallButton } from "../parts/call_button";
import { pictures } from "../pictures_file";
import type { BookingRecord } from "../types";

const BOOKED = ["confirmed", "completed", "requested"];

/** The end of a booking: what the server says became of it. */
export function DoneStep() {
  const { booking } = shared();
  const record = booking.hold!.record;
  if (BOOKED.includes(record.status)) return <Booked record={record} />;
  if (record.status === "lost") return <Lost record={record} />;
  return <Over record={record} />;
}

function Booked({ record }: { record: BookingRecord }) {
  const { tradie, service, send } = shared();
  const requested = record.status === "requested";
  const target = record.manage_url.startsWith(location.origin + "/") ? "_self" : "_blank";
  const rest = record.service.price_cents - Math.max(record.paid_cents, record.authorised_cents);
  return (
    <div class="done">
      <span class={requested ? "tick waits" : "tick"} aria-hidden="true" />
      <Heading>{requested ? "Request sent" : "You're booked in"}</Heading>
      {requested ? <Asked record={record} /> : <WhatNext record={record} />}
      {pictures.file && <pictures.Step />}
      <dl class="receipt">
        <Row name="Job">{record.service.name}</Row>
        <Row name={record.service.arrival_window_minutes ? "Arrival" : "When"}>
          {longDay(record.start)}, {arrival(record.start, shared(), record.service.arrival_window_minutes)}
          <small>{zoneName(record.start, tradie.timezone)}</small>
        </Row>
        <Row name="Where">{addressOf(record)}</Row>
        {record.calendar && <Row name="Who comes">{record.calendar.name}</Row>}
        {record.paid_cents > 0 && <Row name="Paid">{dollars(record.paid_cents)}</Row>}
        {record.authorised_cents > 0 && (
          <Row name="Held on your card">{dollars(record.authorised_cents)}, not charged</Row>
        )}
        {rest > 0 && (
          <Row name="To pay after the job">
            {service?.price_from && "From "}
            {dollars(rest)}
          </Row>
        )}
        <Row name="Reference">{record.reference}</Row>
      </dl>
      {record.policy_statement.length > 0 && (
        <ul class="policy" aria-label="If your plans change">
          {record.policy_statement.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {!requested && <CalendarLinks record={record} />}
      <div class="actions">
        {/* They may be framed, and say how high they are; from another origin the page around would not hear that. */}
        <a class="button secondary" href={`${record.manage_url}/photos`} target={target}>
          Add photos of the job
        </a>
        <a class="button secondary" href={record.manage_url} target={target}>
          See, move or cancel
        </a>
      </div>
      <button type="button" class="link" onClick={() => send({ type: "started_over", service: null })}>
        Book another job
      </button>
    </div>
  );
}

const addressOf = ({ address: { line1, suburb, state, postcode } }: BookingRecord) =>
  `${line1}, ${suburb} ${state} ${postcode}`;

function Asked({ record }: { record: BookingRecord }) {
  const { tradie } = shared();
  return (
    <p>
      <b>This isn't booked yet.</b> {tradie.business_name} answers by email
      {record.answer_by ? `, by ${moment(record.answer_by)} at the latest` : ""}. Until then the time is kept
      for you{record.authorised_cents > 0 && "; your card is charged only if they say yes"}.
    </p>
  );
}

function WhatNext({ record }: { record: BookingRecord }) {
  const { tradie, booking } = shared();
  const whoComes = record.calendar?.name ?? tradie.business_name;
  return (
    <p>
      {whoComes} comes to you {shortDay(record.start)}. We've emailed the details to{" "}
      {booking.details["customer.email"] ?? "you"}, with a link to move or cancel.
    </p>
  );
}

function CalendarLinks({ record }: { record: BookingRecord }) {
  const links = { Google: record.google_calendar_url, Outlook: record.outlook_calendar_url };
  return (
    <div class="actions" role="group" aria-label="Add to your calendar">
      <a class="button" href={record.ics_url} target="_blank" rel="noopener">
        Add to calendar
      </a>
      {Object.entries(links).map(
        ([name, url]) =>
          url && (
            <a key={name} class="button secondary" href={url} target="_blank" rel="noopener noreferrer">
              {name}
              <span class="visually-hidden"> Calendar (opens in a new tab)</span>
            </a>
          ),
      )}
    </div>
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

class Lost extends Component<{ record: BookingRecord }, { starts?: string[] }> {
  override componentDidMount() {
    const { record } = this.props;
    const { booking, availability } = shared();
    if (record.quote_url) return;
    const wanted = {
      month: record.start.slice(0, 7),
      service: record.service.id,
      calendar: booking.calendar,
    };
    availability.month(wanted).then(
      (month) => this.setState({ starts: nearestStarts(month, record.start) }),
      () => null, // the calendar is one press away
    );
  }

  override render({ record }: { record: BookingRecord }, { starts = [] }: { starts?: string[] }) {
    return (
      <>
        <Heading>Sorry, that time was taken while your payment was on its way</Heading>
        <p>
          <b>You get all of your {dollars(record.paid_cents || record.deposit_cents)} back.</b> The refund
          goes to your card by itself; banks take up to 10 days to show it. Your reference is{" "}
          {record.reference}.
        </p>
        {record.quote_url ? (
          <p>
            <a class="button" href={record.quote_url} target="_top">
              Back to your quote
            </a>
          </p>
        ) : (
          <>
            <p>Everything you typed is still here. Would one of these do?</p>
            <Alternatives starts={starts} />
          </>
        )}
        <CallButton tradie={shared().tradie} />
      </>
    );
  }
}

function Over({ record }: { record: BookingRecord }) {
  const { tradie, send } = shared();
  const cancelled = record.status === "cancelled";
  return (
    <>
      <Heading>{cancelled ? "This booking was cancelled" : "This booking is no longer open"}</Heading>
      {record.refunded_cents > 0 && <p>{dollars(record.refunded_cents)} goes back to your card.</p>}
      <div class="actions">
        {record.quote_url ? (
          <a class="button" href={record.quote_url} target="_top">
            Back to your quote
          </a>
        ) : (
          <button
            type="button"
            class="button"
            onClick={() => send({ type: "started_over", service: record.service.id })}
          >
            Choose a new time
          </button>
        )}
        <CallButton tradie={tradie} />
      </div>
    </>
  );
}
