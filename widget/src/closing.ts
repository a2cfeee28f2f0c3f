// The file of the steps after the form, fetched while it is filled in.
import "./form"; // what the form brings, they use as well
import { ConfirmingStep } from "./steps/confirming";
import { DoneStep } from "./steps/done";
import { PayStep } from "./steps/pay";
import style from "./style/closing.css?url";
import { styled } from "./styled";

export const steps = { pay: PayStep, confirming: ConfirmingStep, done: DoneStep };
export const ready = styled(style);
