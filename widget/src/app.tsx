import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Actions } from "./actions";
import type { Api } from "./api";
import type { Availability } from "./availability";
import type { Booking, Event } from "./booking";
import { SharedContext, type Shared } from "./context";
import { CallButton } from "./parts/call_button";
import { Header } from "./parts/header";
import { Progress } from "./parts/progress";
import { quotedService } from "./quoted";
import { Summary } from "./parts/summary";
import { tellHost } from "./resize";
import { DetailsStep } from "./steps/details";
import { fetchClosingSteps, DeferredStep } from "./steps/deferred";
import { ServiceStep } from "./steps/service";
import { TimeStep } from "./steps/time";
import type { Store } from "./store";
import type { Tradie } from "./types";

interface Props {
  tradie: Tradie;
  store: Store<Booking, Event>;
  actions: Actions;
  availability: Availability;
  api: Api;
}

// The others come with the second file.
const STEPS: Partial<Record<Booking["step"], () => ComponentChildren>> = {
  service: ServiceStep,
  time: TimeStep,
  details: DetailsStep,
};

export function App({ tradie, store, actions, availability, api }: Props) {
  const [booking, setBooking] = useState(store.state);
  useLayoutEffect(() => {
    setBooking(store.state);
    return store.subscribe(() => setBooking(store.state));
  }, [store]);
  useEffect(() => tellHost({ type: "step", step: booking.step }), [booking.step]);

  useEffect(() => {
    // Alongside the request that holds the time, so that nobody waits for it. DeferredStep tells of a failure.
    if (booking.busy) fetchClosingSteps().catch(() => null);
  }, [booking.busy]);

  const listed = tradie.services.find(({ id }) => id === booking.service) ?? null;
  const service = quotedService(booking.hold?.record) ?? listed;
  const shared: Shared = { tradie, booking, service, store, api, actions, availability };
  const Step = STEPS[booking.step] ?? DeferredStep;
  const closed = !tradie.bookable || tradie.services.length === 0;
  // A booking that was already made can be looked at even when no new ones are taken.
  if (closed && !booking.hold) return <Closed tradie={tradie} />;
  return (
    <SharedContext.Provider value={shared}>
      <div class="shell">
        <Header tradie={tradie} />
        <Progress />
        <div class={`layout at-${booking.step}`}>
          <Summary />
          <main class="card step">
            <Step key={booking.step} />
          </main>
        </div>
        <footer class="footer">
          {tradie.licence_number && <span>Licence {tradie.licence_number}</span>}
          {tradie.abn && <span>ABN {tradie.abn.replace(/\B(?=(\d{3})+$)/g, " ")}</span>}
          <CallButton tradie={tradie} quiet />
          <span>Booking by PeepoPay</span>
        </footer>
      </div>
    </SharedContext.Provider>
  );
}

function Closed({ tradie }: { tradie: Tradie }) {
  return (
    <div class="shell">
      <Header tradie={tradie} />
      <main class="card notice">
        <h2>Online booking is closed right now</h2>
        <p>Call {tradie.business_name} and we'll find a time together.</p>
        <CallButton tradie={tradie} />
      </main>
    </div>
  );
}
