import { Heading } from "../parts/heading";
import { CallOrBeCalled } from "../parts/call_or_be_called";
import { shared } from "../shared";

export function ClosedStep() {
  const { tradie } = shared();
  return (
    <>
      <Heading>Online booking is closed right now</Heading>
      <p>Call {tradie.business_name}, or leave your number: we'll find a time together.</p>
      <CallOrBeCalled />
    </>
  );
}
