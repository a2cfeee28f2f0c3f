import { longDay } from "../format";
import { shared } from "../shared";
import { Who } from "./who";

const MOST = 5;

/** Above the calendar: who is to come, and the days on which they are near anyway. */
export function Above() {
  const { booking, send } = shared();
  const near = booking.times?.near?.slice(0, MOST);
  return (
    <>
      <Who />
      {near && (
        <p>
          We're near you anyway on{" "}
          {near.map((day, index) => (
            <>
              {index > 0 && ", "}
              <button type="button" class="link" onClick={() => send({ type: "turned", to: { day } })}>
                {longDay(day)}
              </button>
            </>
          ))}
          .
        </p>
      )}
    </>
  );
}
