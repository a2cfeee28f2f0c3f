// @vitest-environment happy-dom
import type { PaymentIntentResult } from "@stripe/stripe-js";
import { expect, it } from "vitest";
import { outcomeOf } from "./stripe";

const outcome = (result: unknown) => outcomeOf(result as PaymentIntentResult);

it("a payment that succeeded, is processing or is authorised is paid", () => {
  for (const status of ["succeeded", "processing", "requires_capture"])
    expect(outcome({ paymentIntent: { status } })).toEqual({ kind: "paid" });
});

it("a declined card keeps Stripe's message", () => {
  const error = { type: "card_error", message: "Your card has insufficient funds." };
  expect(outcome({ error })).toEqual({ kind: "declined", message: error.message });
});

it("an unfinished card number is left to Stripe's own words beside it", () => {
  expect(outcome({ error: { type: "validation_error", message: "Incomplete." } })).toEqual({
    kind: "incomplete",
  });
});

it("a bank's approval that failed can be tried again", () => {
  expect(outcome({ paymentIntent: { status: "requires_payment_method" } }).kind).toBe("declined");
});

it("paying what is paid already is no error to the customer", () => {
  const error = { type: "invalid_request_error", payment_intent: { status: "succeeded" } };
  expect(outcome({ error })).toEqual({ kind: "paid" });
});

it("a lost connection is unclear, not a failure", () => {
  expect(outcome({ error: { type: "api_connection_error" } })).toEqual({ kind: "unclear" });
});
