import { longDay, monthName } from "../format";
import { shared } from "../shared";
import { CallOrBeCalled } from "./call_or_be_called";

/** Instead of the times of a day, in a month that has none. */
export function NoTimes() {
  const { booking, send } = shared();
  const { month, first_free } = booking.times!;
  const turn = () => send({ type: "turned", to: { month: first_free!.slice(0, 7) } });
  return (
    <section class="times" aria-live="polite">
      <h3>No free times in {monthName(month)}</h3>
      {first_free ? (
        <button type="button" class="button" onClick={turn}>
          Next free day: {longDay(first_free)}
        </button>
      ) : (
        <>
          <p>
            We're booked out for now. Give us a call, or leave your number: we may be able to squeeze you in.
          </p>
          <CallOrBeCalled />
        </>
      )}
    </section>
  );
}
