// For the server to judge whether a person filled in the form (peepopay/form_check.py).

let shown = 0;

export const formShown = (): void => void (shown ||= Date.now());

/** Of the field whose name ends like this. */
const input = (ending: string) => document.querySelector<HTMLInputElement>(`[name$=${ending}]`);

/** `MS;TRAPPED;ANSWER`: since when the form is there (long, where it never was), whether the field is filled in that
 * nobody sees, and what the challenge has put into the page. */
export function howFilledIn(): string {
  const trap = input("extra");
  const trapped = trap?.value ? 1 : 0;
  if (trap) trap.value = ""; // perhaps their browser did that: whoever presses again gets through
  return [Date.now() - shown, trapped, input("-response")?.value].join(";");
}
