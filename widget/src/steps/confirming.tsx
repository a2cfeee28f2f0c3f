import { Component } from "preact";
import { shared } from "../shared";
import { CallButton } from "../parts/call_button";
import { Heading } from "../parts/heading";
import { settle } from "../paying";

export class ConfirmingStep extends Component {
  override componentDidMount() {
    const { store, calls } = shared();
    void settle(store, calls);
  }

  override render() {
    const { tradie, booking } = shared();
    return (
      <>
        <Heading>Confirming your booking…</Heading>
        <p role="status" class="waiting">
          <span class="spinner" aria-hidden="true" />
          {booking.hold?.payment?.amount_cents === 0 ? "Your card is saved. " : "Your payment went through. "}
          {booking.slow
            ? "We are still confirming your booking, which is taking longer than usual."
            : "This takes a few seconds."}
        </p>
        {booking.slow && (
          <>
            <p>
              You don't need to do anything or pay again. We'll email{" "}
              <b>{booking.details["customer.email"]}</b> as soon as it is done; if the time can't be given to
              you, your money comes back in full. You can close this page.
            </p>
            <p>Your reference is {booking.hold?.record.reference}.</p>
            <CallButton tradie={tradie} />
          </>
        )}
      </>
    );
  }
}
