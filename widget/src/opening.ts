import { createApi } from "./api";
import { createAvailability } from "./availability";
import { choose, start } from "./booking";
import { form } from "./later";
import { keepLooking } from "./looking";
import type { Settings } from "./settings";
import { share, type Model } from "./shared";
import { createStore } from "./store";

/** Under which name, with the slug after it, a booking in the making is kept (`saved.ts`). */
export const SAVED = "peepopay:";

/** Everything of one page load: the tradie is known, and a booking that a reload interrupted is taken up. */
export async function open(settings: Settings): Promise<Model> {
  const api = createApi(settings.api);
  const { tradie, month } = await api.opening(settings.slug, settings.service, settings.accent);
  const { slug, services } = tradie;
  document.title = `Book ${tradie.business_name}`;
  const { style } = document.documentElement;
  style.setProperty("--on-light", tradie.accents.on_light);
  style.setProperty("--on-dark", tradie.accents.on_dark);

  const store = createStore(start, choose);
  const availability = createAvailability(api, slug);
  if (month) availability.keep(month);
  const lookAgain = keepLooking(store, availability, () => void form.fetch().catch(() => null));
  const model = { tradie, store, api, availability, lookAgain };
  share(model);
  const chosen = services[1] ? services.find(({ id }) => id === settings.service) : services[0];
  if (chosen) store.send({ type: "service_chosen", service: chosen.id });
  else if (!services[0]) store.send({ type: "resumed", booking: { step: "closed" } });
  // Few need what comes with the form from the beginning: who is to come is asked there as well.
  if (tradie.calendars || tradie.allowed_sites || somethingSaved(slug) || location.hash)
    await (await form.fetch()).takeUp(settings.api);
  return model;
}

function somethingSaved(slug: string): boolean {
  try {
    return SAVED + slug in sessionStorage;
  } catch {
    return false; // a browser that blocks storage in frames; booking must work there too
  }
}
