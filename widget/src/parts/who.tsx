import { shared } from "../shared";
import { whoCan } from "../who";

/** Asks who is to come, where that may be several. */
export function Who() {
  const { tradie, booking, service, send } = shared();
  const who = whoCan(tradie, service!.id);
  if (!who[1]) return null;
  return (
    <p class="field">
      <label for="who">Who should come?</label>
      <select
        id="who"
        value={booking.calendar ?? ""}
        onChange={(event) => send({ type: "calendar_chosen", calendar: event.currentTarget.value || null })}
      >
        <option value="">Anyone</option>
        {who.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </p>
  );
}
