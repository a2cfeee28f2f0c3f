// The file of the steps after the form, fetched while it is filled in.
import "./form"; // what the form brings, they use as well
export { LeaveNumber } from "./parts/leave_number";
import { NoTimes } from "./parts/no_times";
import { Problem } from "./parts/problem";
import { ClosedStep } from "./steps/closed";
import { ConfirmingStep } from "./steps/confirming";
import { DoneStep } from "./steps/done";
import { PayStep } from "./steps/pay";
import { proceedPaying } from "./paying_events";
import { shared } from "./shared";
import style from "./style/closing.css?url";
import { styled } from "./styled";

export const steps = {
  closed: ClosedStep,
  time: NoTimes,
  details: Problem,
  pay: PayStep,
  confirming: ConfirmingStep,
  done: DoneStep,
};
export const ready = styled(style);

shared().store.learn(proceedPaying);
