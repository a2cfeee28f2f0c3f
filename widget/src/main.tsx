import { render } from "preact";
import { Page } from "./page";
import { reportHeight, tellHost } from "./resize";
import { readSettings } from "./settings";

const settings = readSettings(window.location, document);
const app = document.getElementById("app")!;
if (settings.embedded) document.documentElement.classList.add("embedded");
app.replaceChildren(); // the page's own "Loading…"
render(<Page settings={settings} />, app);
reportHeight(app);
tellHost({ type: "ready" });
