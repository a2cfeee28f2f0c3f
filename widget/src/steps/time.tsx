import { useEffect, useRef, useState } from "preact/hooks";
import { useShared } from "../context";
import { problemOf, sentence } from "../errors";
import { longDay, monthName, wallTime, zoneName } from "../format";
import { CallButton } from "../parts/call_button";
import { Calendar } from "../parts/calendar";
import { Heading } from "../parts/heading";
import { Times } from "../parts/times";
import { whoCan } from "../who";
import type { Month, Problem } from "../types";

export function TimeStep() {
  const { tradie, booking, service, actions, availability, api } = useShared();
  const today = wallTime(api.now(), tradie.timezone).slice(0, 10);
  const [month, setMonth] = useState<Month | null>(null);
  const [chosen, setChosen] = useState(booking.start?.slice(0, 10) ?? null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(true);
  const asked = useRef("");
  const { calendar } = booking;
  const who = whoCan(tradie, service!.id);

  async function open(wanted: string, jump: boolean) {
    const question = `${wanted} ${calendar}`;
    asked.current = question;
    setBusy(true);
    setProblem(null);
    try {
      const answer = await availability.month(wanted, service!.id, booking.hold?.token ?? null, calendar);
      if (asked.current !== question) return; // they have paged on meanwhile
      const elsewhere = answer.first_free?.slice(0, 7);
      if (jump && elsewhere && elsewhere !== wanted) return void (await open(elsewhere, false));
      setMonth(answer);
      setChosen((day) => (isFree(answer, day) ? day : firstFreeDay(answer)));
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  }

  useEffect(() => void open((booking.start ?? month?.month ?? today).slice(0, 7), true), [calendar]);

  const day = month?.days.find(({ date, slots }) => date === chosen && slots > 0);
  return (
    <>
      <Heading>When suits you?</Heading>
      {who.length > 1 && (
        <p class="field">
          <label for="who">Who should come?</label>
          <select
            id="who"
            value={calendar ?? ""}
            onChange={(event) =>
              actions.send({ type: "calendar_chosen", calendar: event.currentTarget.value || null })
            }
          >
            <option value="">Anyone</option>
            {who.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </p>
      )}
      <p class="hint">All times are {zoneName(new Date(api.now()).toISOString(), tradie.timezone)}.</p>
      {problem && (
        <div class="problem" role="alert">
          <p>
            <b>{sentence(problem)}</b>
          </p>
          <div class="actions">
            <button
              type="button"
              class="button"
              onClick={() => open(month?.month ?? today.slice(0, 7), true)}
            >
              Try again
            </button>
            <CallButton tradie={tradie} />
          </div>
        </div>
      )}
      {!month && !problem && <CalendarSkeleton />}
      {month && (
        <div class={`when ${busy ? "busy" : ""}`} aria-busy={busy}>
          <Calendar
            month={month}
            chosen={chosen}
            today={today}
            canGoOn={month.first_free !== null}
            onChoose={setChosen}
            onMonth={(wanted) => open(wanted, false)}
          />
          {day ? (
            <Times
              day={day}
              timezone={tradie.timezone}
              chosen={booking.start}
              onChoose={(start) => actions.send({ type: "time_chosen", start })}
            />
          ) : (
            <NoTimes month={month} onMonth={(wanted) => open(wanted, false)} />
          )}
        </div>
      )}
    </>
  );
}

const isFree = (month: Month, date: string | null) =>
  month.days.some((day) => day.date === date && day.slots > 0);

const firstFreeDay = (month: Month) => month.days.find(({ slots }) => slots > 0)?.date ?? null;

function NoTimes({ month, onMonth }: { month: Month; onMonth(month: string): void }) {
  const { tradie } = useShared();
  const { first_free } = month;
  return (
    <section class="times" aria-live="polite">
      <h3>No free times in {monthName(month.month)}</h3>
      {first_free ? (
        <button type="button" class="button" onClick={() => onMonth(first_free.slice(0, 7))}>
          Next free day: {longDay(first_free)}
        </button>
      ) : (
        <>
          <p>We're booked out for now. Give us a call: we may be able to squeeze you in.</p>
          <CallButton tradie={tradie} />
        </>
      )}
    </section>
  );
}

function CalendarSkeleton() {
  return (
    <div class="when skeleton" role="status">
      <span class="visually-hidden">Loading free times…</span>
      <div class="calendar" />
      <div class="times" />
    </div>
  );
}
