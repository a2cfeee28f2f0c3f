import { CallButton } from "../parts/call_button";
import { Heading } from "../parts/heading";
import { shared } from "../shared";

export function ClosedStep() {
  const { tradie } = shared();
  return (
    <>
      <Heading>Online booking is closed right now</Heading>
      <p>Call {tradie.business_name} and we'll find a time together.</p>
      <CallButton tradie={tradie} />
    </>
  );
}
