import { wallTime } from "../format";
import { form } from "../later";
import { Calendar } from "../parts/calendar";
import { Heading } from "../parts/heading";
import { Loading } from "../parts/loading";
import { Times } from "../parts/times";
import { Trouble } from "../parts/trouble";
import { shared } from "../shared";

export function TimeStep() {
  const { tradie, booking, service, send, api, lookAgain } = shared();
  const { times, problem, looking, day } = booking;
  const starts = times?.starts[day!];
  const { Above = null, Wait = null } = form.file ?? {};
  return (
    <>
      <Heading>When suits you?</Heading>
      <p class="hint">
        {service!.name}, {service!.price_text}
      </p>
      {Above && <Above />}
      {problem && <Trouble tradie={tradie} message={problem.message} onAgain={lookAgain} />}
      {!times && !problem && <Loading />}
      {times && (
        <div class={`when ${looking ? "busy" : ""}`} aria-busy={looking}>
          <Calendar
            month={times}
            chosen={day}
            today={wallTime(api.now(), tradie.timezone).slice(0, 10)}
            onTurn={(to) => send({ type: "turned", to })}
            keys={form.file}
          />
          {starts ? (
            <Times
              date={day!}
              starts={starts}
              zones={times.zones}
              timezone={tradie.timezone}
              chosen={booking.start}
              onChoose={(start) => send({ type: "time_chosen", start })}
            />
          ) : (
            <form.Step />
          )}
          {Wait && <Wait />}
        </div>
      )}
    </>
  );
}
