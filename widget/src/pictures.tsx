// A file of its own, for questions that are answered with photos: they are chosen in the form, and sent as soon as there
// is a booking to send them to.
import "./form"; // what the form brings, this uses as well
import type { TargetedEvent } from "preact";
import { problemOf } from "./errors";
import { smaller } from "./smaller";
import { shared } from "./shared";
import type { Hold } from "./booking";

interface Picture {
  question: string;
  file: File;
  /** The id of the booking that has it. */
  sentFor?: string;
  /** Why it is taken for none: it is no photo, or too large. */
  refused?: string | undefined;
}

const KINDS = "image/jpeg,image/png,image/webp,image/heic,image/heif";
const MOST = 10; // of a booking
const AGAIN_AFTER_MS = [2_000, 10_000];
const TIMEOUT_MS = 60_000; // reception on site is poor

let chosen: Picture[] = [];
/** "": nothing is under way, and all that was chosen is there. */
let state: "" | "sending" | "failed" = "";

function become(next: typeof state): void {
  state = next;
  shared().send({ type: "resumed", booking: {} }); // to be drawn anew
}

async function upload({ id, token }: Hold, { question, file }: Picture): Promise<void> {
  const body = new FormData();
  body.set("question", question);
  body.set("photos", await smaller(file), file.name);
  await shared().api.request(`/api/bookings/${id}/photos`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

/** What is not there yet, one by one. The same photo twice is there once, so an answer that was lost does no harm. */
async function sendAll(tries = 0): Promise<void> {
  const { hold } = shared().booking;
  if (!hold || (state && !tries)) return;
  const left = () => chosen.filter(({ sentFor, refused }) => sentFor !== hold.id && !refused);
  if (!left().length) return;
  become("sending");
  for (const picture of left())
    await upload(hold, picture).then(
      () => (picture.sentFor = hold.id),
      (error: unknown) => (picture.refused = Object.values(problemOf(error).fields ?? {})[0]?.[0]),
    );
  if (!left().length) return become("");
  const pause = AGAIN_AFTER_MS[tries];
  if (pause) setTimeout(() => void sendAll(tries + 1), pause);
  else become("failed");
}

function PictureInput({ value, ...props }: { name: string; value: string }) {
  const { send } = shared();
  const question = props.name.slice("answers.".length);
  const others = chosen.filter((picture) => picture.question !== question);
  const say = (names: string) => send({ type: "typed", name: props.name, value: names.slice(0, 1000) });

  /** After a reload their names are there, and the files are not. */
  function forget() {
    if (value && others.length === chosen.length) say("");
  }

  function choose({ currentTarget }: TargetedEvent<HTMLInputElement>) {
    const files = [...currentTarget.files!].slice(0, MOST);
    chosen = [...others, ...files.map((file) => ({ question, file }))];
    say(files.map(({ name }) => name).join(", "));
  }

  return (
    <>
      <input {...props} ref={forget} type="file" accept={KINDS} multiple onInput={choose} />
      {value && <p class="hint">{value}</p>}
    </>
  );
}

function Sent() {
  const refused = chosen.flatMap((picture) => picture.refused ?? []);
  if (!state && !refused[0]) return null;
  return (
    <div class="note" role="status">
      {state && (
        <p>
          {state === "sending"
            ? "Your photos are on their way: please keep this page open."
            : "Your photos didn't get through. Please add them once more, with the button below."}
        </p>
      )}
      {refused.map((why) => (
        <p key={why}>{why}</p>
      ))}
    </div>
  );
}

export const steps = { details: PictureInput, done: Sent };
export const ready = Promise.resolve();

shared().store.subscribe(() => void sendAll());
