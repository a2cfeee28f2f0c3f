import { form } from "./later";
import { CallButton } from "./parts/call_button";
import { Header } from "./parts/header";
import { Progress } from "./parts/progress";
import { shared } from "./shared";
import { ServiceStep } from "./steps/service";
import { TimeStep } from "./steps/time";

/** The same page, and what is chosen so far, in the other language. */
function OtherLanguage() {
  const [language, name] = document.documentElement.lang === "en-AU" ? ["zh", "中文"] : ["en", "English"];
  const query = new URLSearchParams(location.search);
  query.set("language", language!);
  return (
    <a class="link" href={`?${query}`} lang={language}>
      {name}
    </a>
  );
}

export function App() {
  const { tradie, booking } = shared();
  const { step } = booking;
  const First = { service: ServiceStep, time: TimeStep }[step as string];
  const Step = First ?? form.Step;
  const Summary = First ? null : form.file?.Summary;
  return (
    <div class="shell">
      <Header tradie={tradie} />
      <Progress />
      <div class={`layout at-${step}`}>
        {Summary && <Summary />}
        <main class="card step">
          <Step key={step} />
        </main>
      </div>
      <footer>
        {tradie.licence_number && <span>Licence {tradie.licence_number}</span>}
        {tradie.abn && <span>ABN {tradie.abn.replace(/\B(?=(\d{3})+$)/g, " ")}</span>}
        <CallButton tradie={tradie} quiet />
        <span>Booking by PeepoPay</span>
        <OtherLanguage />
      </footer>
    </div>
  );
}
