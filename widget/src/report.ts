// Tells the business how its page fares at visitors, as docs/embedding.md lists it: a few words, each once a visit, and
// nothing of who they are. Fetched once the page can be used, so that nobody waits for it.
import "./opening"; // the page has it: see languages/chinese.ts
import { shared, type Model } from "./shared";

const framed = parent !== window;
/** Opened by the link that embed.js shows in the place of a frame. */
const isLate = () => location.search.includes("late");

/** The origin of the page around all frames; "" where there is none. */
function site(): string {
  const came = /^https?:\/\/[^/]+/.exec(document.referrer)?.[0] ?? "?";
  const around = location.ancestorOrigins;
  if (framed) return around?.[around.length - 1] ?? came;
  return isLate() ? came : "";
}

function keepsNothing(): boolean {
  try {
    return !sessionStorage;
  } catch {
    return true;
  }
}

/** A sandbox without `allow-forms` sends none, and tells no listener of it. */
function sendsNoForms(): boolean {
  let sent = false;
  const form = document.createElement("form");
  form.onsubmit = () => {
    sent = true;
    return false;
  };
  document.body.append(form);
  form.requestSubmit();
  form.remove();
  return !sent;
}

const isTooTall = () =>
  framed && document.getElementById("app")!.getBoundingClientRect().height > innerHeight + 2;

/** Another load of the same visit would count it twice; and some ask not to be counted. */
function isCounted(): boolean {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean };
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return !globalPrivacyControl && doNotTrack !== "1" && visit?.type !== "reload";
}

export function report({ api, tradie, store }: Model): void {
  const told = new Set<unknown>();

  function tell(saw: unknown[], load_ms?: number): void {
    const anew = saw.filter((word) => word && !told.has(word) && told.add(word));
    if (!anew.length) return;
    const body = JSON.stringify({ site: site(), saw: anew, load_ms });
    const headers = { "Content-Type": "application/json" };
    api
      .request(`/api/tradies/${tradie.slug}/widget-report`, {
        method: "POST",
        keepalive: true,
        headers,
        body,
      })
      .catch(() => null); // nor is there anything in the answer
  }

  function follow(): void {
    tell([store.state.step === "details" && "time"]);
    // The page around may take a moment to follow.
    if (isTooTall()) setTimeout(() => tell([isTooTall() && "too_tall"]), 1500);
  }

  if (!isCounted()) return;
  const { featurePolicy } = document as { featurePolicy?: { allowsFeature(name: string): boolean } };
  tell(
    [
      "opened",
      isLate() && "late",
      keepsNothing() && "no_storage",
      sendsNoForms() && "no_forms",
      featurePolicy?.allowsFeature("payment") === false && "no_wallets",
      !isSecureContext && "not_secure",
    ],
    // When this file began to be fetched, the page could be used.
    Math.round(performance.getEntriesByName(import.meta.url)[0]?.startTime ?? performance.now()),
  );
  store.subscribe(follow);
  follow();
  addEventListener("input", () => tell([store.state.step === "details" && "details"]));
}

report(shared());
