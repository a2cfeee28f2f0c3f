// The steps after the form, as one file of their own that is fetched when a time is being held; and what few need.
export { ConfirmingStep as confirming } from "./confirming";
export { DoneStep as done } from "./done";
export { PayStep as pay } from "./pay";
export { fromLink } from "../link";
export { resumeHold } from "../resuming";
export { requireAllowed } from "../sites";
