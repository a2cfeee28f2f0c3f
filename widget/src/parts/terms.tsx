import { shared } from "../shared";

/** What happens to the money if plans change: before anything is held, and before it is paid. */
export function Terms() {
  const { terms } = shared().booking;
  return (
    <ul class="policy" aria-label="If your plans change" hidden={!terms[0]}>
      {terms.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
