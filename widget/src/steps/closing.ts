// The steps after the form, as one file of their own that is fetched when a time is being held.
export { ConfirmingStep as confirming } from "./confirming";
export { DoneStep as done } from "./done";
export { PayStep as pay } from "./pay";
