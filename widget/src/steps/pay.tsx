import { Component, createRef } from "preact";
import { shared } from "../shared";
import { dollars } from "../price";
import { CallButton } from "../parts/call_button";
import { Countdown } from "../parts/countdown";
import { Heading } from "../parts/heading";
import { Problem } from "../parts/problem";
import { Terms } from "../parts/terms";
import { extend, pay } from "../paying";
import { mountCardForm, type CardForm } from "../stripe";
import type { Payment } from "../types";
import { Consent } from "./consent";

export function PayStep() {
  const { booking, store, calls, send } = shared();
  const payment = booking.hold!.payment!;
  return (
    <>
      <Heading key={`${booking.lapsed}${payment.extendable}`}>
        {payment.amount_cents ? "Pay to confirm" : "Save a card to confirm"}
      </Heading>
      {booking.lapsed ? (
        <Lapsed />
      ) : (
        <>
          <Countdown
            until={payment.expires_at}
            onEnd={() => send({ type: "hold_lapsed" })}
            onMore={payment.extendable ? () => extend(store, calls) : undefined}
          />
          {booking.problem && <Problem problem={booking.problem} />}
          <Terms />
          <Payable key={booking.hold!.id} asked={payment} />
        </>
      )}
    </>
  );
}

/** The card form, with what else is asked beside it; where that must be agreed to, there is no form before. */
class Payable extends Component<{ asked: Payment }, { payment?: Payment; waits?: boolean }> {
  override render({ asked }: { asked: Payment }, { payment = asked, waits }: Payable["state"]) {
    return (
      <>
        {payment.consent && (
          <Consent
            payment={payment}
            wait={(waits) => this.setState({ waits })}
            onChange={(payment) => this.setState({ payment })}
          />
        )}
        {payment.client_secret && <Card key={payment.client_secret} payment={payment} waits={waits} />}
      </>
    );
  }
}

interface CardProps {
  payment: Payment;
  /** What they agree to is on its way. */
  waits: boolean | undefined;
}

class Card extends Component<CardProps, { form?: CardForm; failed?: boolean }> {
  box = createRef<HTMLDivElement>();
  gone = false;

  open() {
    const { tradie, booking } = shared();
    this.setState({ failed: false });
    mountCardForm(this.box.current!, this.props.payment, tradie, booking.details).then(
      (form) => (this.gone ? form.destroy() : this.setState({ form })),
      () => this.setState({ failed: true }),
    );
  }

  override componentDidMount() {
    this.open();
  }

  override componentDidUpdate({ payment }: CardProps) {
    // What the customer agrees to changes what Stripe does with the card.
    if (payment.consent?.given !== this.props.payment.consent?.given) void this.state.form?.refresh();
  }

  override componentWillUnmount() {
    this.gone = true;
    this.state.form?.destroy();
  }

  override render({ payment, waits }: CardProps, { form, failed }: Card["state"]) {
    const { tradie, booking, service, store, api, calls } = shared();

    function submit(event: SubmitEvent) {
      event.preventDefault();
      if (form && !waits) void pay(store, { calls, now: api.now }, () => form.confirm());
    }

    return (
      <form onSubmit={submit} class="form">
        <div class="card-form" ref={this.box} hidden={failed} />
        {!form && !failed && <p role="status">Loading the secure card form…</p>}
        {failed ? (
          <div class="problem" role="alert">
            <p>
              <b>We couldn't load the secure card form. Check your connection, then try again.</b>
            </p>
            <div class="actions">
              <button type="button" class="button" onClick={() => this.open()}>
                Try again
              </button>
              <CallButton tradie={tradie} />
            </div>
          </div>
        ) : (
          <button type="submit" class="button" aria-disabled={booking.busy || waits || !form}>
            {!payment.amount_cents
              ? booking.busy
                ? "Saving…"
                : "Save card and book"
              : booking.busy
                ? "Paying…"
                : `${service!.requires_approval ? "Authorise" : "Pay"} ${dollars(payment.amount_cents)}`}
          </button>
        )}
        {booking.busy && <StillAsking />}
        <p class="hint secure">
          {!payment.amount_cents
            ? "Nothing is charged now. Stripe keeps the card; we never see its number."
            : service!.requires_approval
              ? `The amount is only held on your card. You pay when ${tradie.business_name} accepts the job.`
              : `Paid by card through Stripe, straight to ${tradie.business_name}. We never see your card number.`}
        </p>
      </form>
    );
  }
}

const REASSURE_AFTER_MS = 8000;

/** Nobody should wonder, press again or leave while the bank is slow. */
class StillAsking extends Component<object, { long?: boolean }> {
  override componentDidMount() {
    setTimeout(() => this.setState({ long: true }), REASSURE_AFTER_MS);
  }

  override render(_: object, { long }: StillAsking["state"]) {
    return (
      <p role="status" class="hint secure">
        {long && "Still waiting for your bank. Please stay on this page: you can't be charged twice."}
      </p>
    );
  }
}

/** A quoted time ran out: its terms, and other times, are on the page of the quote. */
function BackToQuote({ url }: { url: string }) {
  return (
    <>
      <div class="note" role="status">
        <p>
          <b>Your time is no longer held. Nothing was charged.</b>
        </p>
        <p>Your quote is as it was: choose a time again there.</p>
      </div>
      <div class="actions">
        <a class="button" href={url} target="_top">
          Back to your quote
        </a>
      </div>
    </>
  );
}

/** The hold ran out: hold the same time again if it is still free, else the nearest ones are offered. */
function Lapsed() {
  const { booking, actions, send } = shared();
  const quote = booking.hold?.record.quote_url;
  if (quote) return <BackToQuote url={quote} />;
  return (
    <>
      {booking.problem ? (
        <Problem problem={booking.problem} />
      ) : (
        <div class="note" role="status">
          <p>
            <b>Your time is no longer held. Nothing was charged.</b>
          </p>
          <p>It may still be free: everything you typed is here.</p>
        </div>
      )}
      <div class="actions">
        {!booking.problem?.alternatives && (
          <button type="button" class="button" aria-disabled={booking.busy} onClick={() => actions.hold()}>
            {booking.busy ? "Holding your time…" : "Hold the same time again"}
          </button>
        )}
        <button
          type="button"
          class="button secondary"
          onClick={() => send({ type: "went_back", step: "time" })}
        >
          Choose another time
        </button>
      </div>
    </>
  );
}
