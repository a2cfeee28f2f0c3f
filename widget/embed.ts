// What a tradie pastes into a website, in one of these ways (docs/embedding.md):
//   <peepopay-booking tradie="joe-plumber"><a href="https://.../book/joe-plumber">Book online</a></peepopay-booking>
//   <a href="https://.../book/joe-plumber" data-peepopay-open="joe-plumber">Book online</a>
//   <script async src="https://.../embed.js"></script>, once; with data-button="joe-plumber" it shows a button itself
// The link is what visitors see where scripts do not run.

interface FrameMessage {
  source: "peepopay";
  type: string;
  [detail: string]: unknown;
}

const FIRST_HEIGHT = 560;
const PATIENCE_MS = 12_000;
const OPENS = "data-peepopay-open";
/** What the page may say about how it is booked, as attributes. The last is of a person: see `connectedCallback`. */
const CHOICES = ["service", "calendar", "theme", "language", "accent", "prefill"];

/** The widget lives where this script came from, whatever page it runs on. */
const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src$="/embed.js"]');
const { origin } = new URL(script?.src ?? location.href);

function element<Name extends keyof HTMLElementTagNameMap>(name: Name, style: string, text = "") {
  const made = document.createElement(name);
  made.style.cssText = style;
  made.textContent = text;
  return made;
}

const isFrameMessage = (data: unknown): data is FrameMessage =>
  typeof data === "object" && data !== null && (data as FrameMessage).source === "peepopay";

class PeepoPayBooking extends HTMLElement {
  private frame: HTMLIFrameElement | null = null;
  private readonly listen = ({ source, origin: from, data }: MessageEvent<unknown>) => {
    // Another frame, or a page that the visitor was sent on to, can't speak for the widget.
    if (source === this.frame?.contentWindow && from === origin && isFrameMessage(data)) this.receive(data);
  };

  connectedCallback(): void {
    const tradie = this.getAttribute("tradie");
    if (!tradie) return console.error('<peepopay-booking> needs tradie="..."');
    const page = `${origin}/book/${encodeURIComponent(tradie)}`;
    const asked = CHOICES.map((name) => {
      const value = this.getAttribute(name);
      // Behind the #, which stays in the browser: no server is asked for it, no log and no referrer has it.
      return !value ? "" : name === "prefill" ? `#${value}` : `&${name}=${encodeURIComponent(value)}`;
    });
    const frame = element(
      "iframe",
      `display:block;width:100%;height:${FIRST_HEIGHT}px;border:0;color-scheme:light;opacity:0`,
    );
    frame.src = `${page}?embed=1${asked.join("")}`;
    frame.title = "Book online";
    frame.allow = "payment *"; // wallets, which open in a frame of Stripe's
    frame.referrerPolicy = "strict-origin-when-cross-origin"; // the page asks on which website it stands
    frame.scrolling = "no"; // it is always as high as its content
    this.frame = frame;
    this.style.display = "block";
    addEventListener("message", this.listen);
    (this.shadowRoot ?? this.attachShadow({ mode: "open" })).replaceChildren(frame, waiting(page));
  }

  disconnectedCallback(): void {
    removeEventListener("message", this.listen);
    this.frame = null;
  }

  private receive({ source: _source, type, ...detail }: FrameMessage): void {
    if (type === "ready") this.show();
    if (type === "resize") this.resize(Number(detail.height));
    if (type === "reveal") return this.reveal(Number(detail.top));
    if (type === "close") return this.closest("dialog")?.close();
    tell(this, type, detail);
  }

  private show(): void {
    this.shadowRoot?.querySelector("p")?.remove();
    if (this.frame) this.frame.style.opacity = "1";
  }

  private resize(height: number): void {
    if (this.frame && height > 0) this.frame.style.height = `${Math.ceil(height)}px`;
  }

  /** Scrolls what it stands in only if the spot, `top` px down the frame, is out of sight. */
  private reveal(top: number): void {
    if (!this.frame || !Number.isFinite(top)) return;
    const spot = this.frame.getBoundingClientRect().top + top;
    if (spot >= 0 && spot < innerHeight * 0.6) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const around = this.closest("dialog") ?? window;
    around.scrollBy({ top: spot - 16, behavior: calm ? "auto" : "smooth" });
  }
}

const tell = (at: HTMLElement, type: string, detail = {}) =>
  at.dispatchEvent(new CustomEvent(`peepopay:${type}`, { detail, bubbles: true, composed: true }));

/** What is seen until the frame speaks: that it is coming, and later a way round it. */
function waiting(page: string): HTMLElement {
  const box = element(
    "p",
    `margin:-${FIRST_HEIGHT}px 0 0;height:${FIRST_HEIGHT}px;padding-top:48px;text-align:center`,
    "Loading online booking…",
  );
  box.setAttribute("role", "status");
  setTimeout(() => {
    const link = element("a", "", "Open the booking page");
    link.href = `${page}?late`;
    box.replaceChildren("This is taking longer than usual. ", link);
  }, PATIENCE_MS);
  return box;
}

/** By what it was opened with: what is typed is still there when it is opened again. */
const dialogs = new Map<string, HTMLDialogElement>();

function open(from: HTMLElement): void {
  const asked = [OPENS, ...CHOICES.map((name) => `data-${name}`)].map(
    (name) => from.getAttribute(name) ?? "",
  );
  const name = asked.join();
  if (!dialogs.has(name)) dialogs.set(name, dialogFor(asked));
  dialogs.get(name)!.showModal();
}

function dialogFor([tradie, ...choices]: string[]): HTMLDialogElement {
  const ground = choices.includes("dark") ? "#11151b" : "#f4f6f8"; // the page's own
  const dialog = element(
    "dialog",
    `box-sizing:border-box;width:100%;max-width:760px;max-height:100%;margin:auto;padding:0;border:0;border-radius:16px;background:${ground}`,
  );
  dialog.setAttribute("aria-label", "Book online");
  const booking = document.createElement("peepopay-booking");
  booking.setAttribute("tradie", tradie!);
  CHOICES.forEach((name, index) => booking.setAttribute(name, choices[index]!));
  const close = element(
    "button",
    "display:block;position:sticky;z-index:1;top:0;width:44px;height:44px;margin-left:auto;border:0;border-radius:50%;font:24px sans-serif",
    "×",
  );
  close.setAttribute("aria-label", "Close");
  close.onclick = () => dialog.close();
  dialog.onclose = () => tell(booking, "close");
  dialog.append(close, booking);
  // The styles of the page around stay out of it.
  document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" }).append(dialog);
  return dialog;
}

function pressed(event: MouseEvent): void {
  const from = (event.target as Element).closest<HTMLElement>(`[${OPENS}]`);
  if (!from || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(from);
}

/** A button in the corner, where the script was asked for one. */
function float({ button, label = "Book online", colour = "#1a2230" }: DOMStringMap): void {
  if (!button) return;
  const floating = element(
    "button",
    `position:fixed;z-index:99999;right:16px;bottom:16px;min-height:52px;padding:0 24px;border:2px solid #fff;border-radius:26px;background:${colour};color:#fff;font:600 17px system-ui,sans-serif;cursor:pointer`,
    label,
  );
  floating.setAttribute(OPENS, button);
  document.body.append(floating);
}

// A page may have the script several times.
if (!customElements.get("peepopay-booking")) {
  customElements.define("peepopay-booking", PeepoPayBooking);
  document.addEventListener("click", pressed);
}
if (document.body) float(script?.dataset ?? {});
else addEventListener("DOMContentLoaded", () => float(script?.dataset ?? {}));

export {}; // a module to the compiler; nothing of it is anybody's
