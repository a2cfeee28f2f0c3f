import { useEffect, useState } from "preact/hooks";
import { readableAccent } from "./accent";
import { createActions } from "./actions";
import { createApi } from "./api";
import { App } from "./app";
import { createAvailability } from "./availability";
import { next, start } from "./booking";
import { problemOf, sentence } from "./errors";
import { Loading } from "./parts/loading";
import { load, save } from "./saved";
import { fetchClosingSteps } from "./steps/deferred";
import type { Settings } from "./settings";
import { createStore } from "./store";
import type { Problem, Tradie } from "./types";

type Model = Parameters<typeof App>[0];

/** Everything of one page load: the tradie is known, and a booking that a reload interrupted is taken up. */
async function open(settings: Settings): Promise<Model> {
  const api = createApi(settings.api);
  const tradie = onlyBookable(await api.tradie(settings.slug));
  if (tradie.allowed_sites) (await fetchClosingSteps()).requireAllowed(tradie.allowed_sites, settings.api);
  const store = createStore(next, start);
  const availability = createAvailability(api, tradie.slug);
  const actions = createActions({ store, api, tradie, availability });
  const link = location.hash && (await (await fetchClosingSteps()).fromLink(api));
  const saved = link || load(tradie.slug);
  const only = tradie.services.length === 1 ? tradie.services[0]!.id : settings.service;
  const wanted = saved?.service ?? only;
  if (saved) await actions.resume(saved);
  else if (tradie.services.some(({ id }) => id === wanted))
    store.send({ type: "service_chosen", service: wanted! });
  store.subscribe(() => save(tradie.slug, store.state));
  if (saved) store.send({ type: "resumed", booking: {} }); // a reload must find what a link brought
  return { tradie, store, actions, availability, api };
}

/** Without a way to take cards, a service with a deposit can't be booked. */
const onlyBookable = (tradie: Tradie): Tradie =>
  tradie.stripe
    ? tradie
    : { ...tradie, services: tradie.services.filter(({ deposit_cents }) => !deposit_cents) };

export function Page({ settings }: { settings: Settings }) {
  const [model, setModel] = useState<Model | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  function start() {
    setProblem(null);
    open(settings).then(
      (opened) => {
        document.title = `Book ${opened.tradie.business_name}`;
        document.documentElement.style.setProperty("--accent", readableAccent(opened.tradie.accent_colour));
        setModel(opened);
      },
      (error) => setProblem(problemOf(error)),
    );
  }

  useEffect(start, []);

  if (model) return <App {...model} />;
  if (!problem) return <Loading />;
  return (
    <main class="card notice" aria-live="polite">
      <h1>{problem.code === "NOT_FOUND" ? "No booking page here" : "We couldn't open the booking page"}</h1>
      <p>{sentence(problem)}</p>
      {problem.code !== "NOT_FOUND" && (
        <button type="button" class="button" onClick={start}>
          Try again
        </button>
      )}
    </main>
  );
}
