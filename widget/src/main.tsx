import { render, type VNode } from "preact";
import { App } from "./app";
import { problemOf } from "./errors";
import { keepHistory } from "./history";
import { open } from "./opening";
import { Loading } from "./parts/loading";
import { Trouble } from "./parts/trouble";
import { reportHeight, tellHost } from "./resize";
import { readSettings } from "./settings";
import { shared } from "./shared";
import { fetchEarly, speak } from "./spoken";

const settings = readSettings(location, document);
const app = document.getElementById("app")!;
document.documentElement.className = `${settings.embedded ? "embedded" : ""} ${settings.theme}`;

fetchEarly(settings.language);
let seen = false;

function draw(page: VNode) {
  if (seen) return render(page, app);
  app.replaceChildren(); // the page's own "Loading…"
  render(page, app);
  seen = true;
  reportHeight(app); // and then what is seen has its height from the start
  tellHost({ type: "ready" });
}

async function begin() {
  try {
    const { store, tradie } = await open(settings);
    await speak(settings.language, tradie.language);
    const show = () => {
      draw(<App />);
      shared().tellOfBooking?.(store.state); // once that is here
    };
    store.subscribe(show);
    show();
    keepHistory(store);
    import("./report").catch(() => null); // nobody waits for it
  } catch (error) {
    await speak(settings.language);
    const again = () => {
      draw(<Loading />);
      void begin();
    };
    draw(
      <main class="card step">
        <h1>We couldn't open the booking page</h1>
        <Trouble message={problemOf(error).message} onAgain={again} />
        <a href="?call">Call us, or leave your number</a>
      </main>,
    );
  }
}

// Keys that are pressed in a frame are heard by nobody around it.
onkeydown = ({ key, defaultPrevented }) => {
  if (key === "Escape" && !defaultPrevented) tellHost({ type: "close" });
};
void begin();
