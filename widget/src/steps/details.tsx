import { ADDRESS, CONTACT, fieldsFor, NOTES, ON_SITE, questionFields } from "../details";
import { dollars } from "../price";
import { closing } from "../closing_file";
import { formShown } from "../form_check";
import { Field } from "../parts/field";
import { Heading } from "../parts/heading";
import { Terms } from "../parts/terms";
import { shared } from "../shared";
import type { Service } from "../types";

export function DetailsStep() {
  const { booking, service, actions } = shared();
  const questions = questionFields(service!);
  const labels = Object.fromEntries(fieldsFor(service!).map(({ name, label }) => [name, label]));

  function submit(event: SubmitEvent) {
    event.preventDefault();
    void actions.hold();
  }

  return (
    <>
      <Heading>Your details</Heading>
      {booking.lapsed && (
        <p class="note">
          The time we held for you was let go and nothing was charged. Press the button to hold it again.
        </p>
      )}
      {booking.problem && <closing.Step problem={booking.problem} labels={labels} />}
      <form noValidate onSubmit={submit} class="form" ref={getReady}>
        <fieldset>
          <legend>How do we reach you?</legend>
          {CONTACT.map((field) => (
            <Field key={field.name} field={field} />
          ))}
        </fieldset>
        <fieldset class="address">
          <legend>Where is the job?</legend>
          {ADDRESS.map((field) => (
            <Field key={field.name} field={field} />
          ))}
        </fieldset>
        <fieldset>
          <legend>About the job</legend>
          {[...questions, NOTES].map((field) => (
            <Field key={field.name} field={field} />
          ))}
        </fieldset>
        <details open={ON_SITE.some(({ name }) => name in booking.details)}>
          <summary>Someone else is home?</summary>
          {ON_SITE.map((field) => (
            <Field key={field.name} field={field} />
          ))}
        </details>
        {/* Nobody sees it, nobody hears it, no browser has anything to fill in; programs do. */}
        <p class="visually-hidden" aria-hidden="true">
          <input name="extra" tabIndex={-1} autocomplete="off" />
        </p>
        <Terms />
        <button type="submit" class="button" aria-disabled={booking.busy}>
          {booking.busy ? "Holding your time…" : submitLabel(service!)}
        </button>
      </form>
    </>
  );
}

/** The next steps, and the way to Stripe, are made ready while this one is filled in. `Later` tells of a failure. */
function getReady(form: HTMLElement | null): void {
  const { tradie, service } = shared();
  if (!form) return;
  formShown();
  closing.fetch().catch(() => null);
  if (!tradie.stripe || !service?.deposit_cents) return;
  const link = document.createElement("link");
  link.rel = "preconnect";
  link.href = new URL(tradie.stripe.js_url).origin;
  document.head.append(link);
}

function submitLabel({ deposit_cents: deposit, requires_approval }: Service): string {
  if (deposit) return `Continue to pay ${dollars(deposit)}`;
  return requires_approval ? "Send my request" : "Book this time";
}
