// The one line a tradie pastes into a website:
//   <peepopay-booking tradie="joe-plumber"><a href="https://.../book/joe-plumber">Book online</a></peepopay-booking>
//   <script async src="https://.../embed.js"></script>
// The link inside is what visitors see where scripts do not run.

interface FrameMessage {
  source: "peepopay";
  type: "ready" | "resize" | "reveal" | "step" | "booked";
  [detail: string]: unknown;
}

const FIRST_HEIGHT = 560;
const PATIENCE_MS = 12_000;

/** The widget lives where this script came from, whatever page it runs on. */
const scriptUrl =
  (document.currentScript as HTMLScriptElement | null)?.src ??
  document.querySelector<HTMLScriptElement>('script[src$="/embed.js"]')?.src;
const origin = new URL(scriptUrl ?? window.location.href).origin;

const isFrameMessage = (data: unknown): data is FrameMessage =>
  typeof data === "object" && data !== null && (data as FrameMessage).source === "peepopay";

export class PeepoPayBooking extends HTMLElement {
  private frame: HTMLIFrameElement | null = null;
  private readonly listen = (event: MessageEvent<unknown>) => {
    // Another frame, or a page that the visitor was sent on to, can't speak for the widget.
    if (event.source !== this.frame?.contentWindow || event.origin !== origin) return;
    if (isFrameMessage(event.data)) this.receive(event.data);
  };

  connectedCallback(): void {
    const tradie = this.getAttribute("tradie");
    if (!tradie) return console.error('<peepopay-booking> needs tradie="..."');
    const page = `${origin}/book/${encodeURIComponent(tradie)}`;
    const service = this.getAttribute("service");
    const frame = document.createElement("iframe");
    frame.src = `${page}?embed=1${service ? `&service=${encodeURIComponent(service)}` : ""}`;
    frame.title = "Book online";
    frame.allow = "payment";
    frame.referrerPolicy = "strict-origin-when-cross-origin"; // the page asks on which website it stands
    frame.scrolling = "no"; // it is always as high as its content
    frame.style.cssText = `display:block;width:100%;height:${FIRST_HEIGHT}px;border:0;color-scheme:light;opacity:0`;
    this.frame = frame;
    this.style.display = "block";
    window.addEventListener("message", this.listen);
    (this.shadowRoot ?? this.attachShadow({ mode: "open" })).replaceChildren(frame, this.waiting(page));
  }

  disconnectedCallback(): void {
    window.removeEventListener("message", this.listen);
    this.frame = null;
  }

  /** What is seen until the frame speaks: that it is coming, and later a way round it. */
  private waiting(page: string): HTMLElement {
    const box = document.createElement("p");
    box.setAttribute("role", "status");
    box.style.cssText = `margin:-${FIRST_HEIGHT}px 0 0;height:${FIRST_HEIGHT}px;padding-top:48px;text-align:center`;
    box.textContent = "Loading online booking…";
    setTimeout(() => {
      const link = document.createElement("a");
      link.href = page;
      link.textContent = "Open the booking page";
      box.replaceChildren("This is taking longer than usual. ", link);
    }, PATIENCE_MS);
    return box;
  }

  private receive({ source: _source, type, ...detail }: FrameMessage): void {
    if (type === "ready") this.show();
    if (type === "resize") this.resize(Number(detail.height));
    else if (type === "reveal") this.reveal(Number(detail.top));
    else this.dispatchEvent(new CustomEvent(`peepopay:${type}`, { detail, bubbles: true }));
  }

  private show(): void {
    this.shadowRoot?.querySelector("p")?.remove();
    if (this.frame) this.frame.style.opacity = "1";
  }

  private resize(height: number): void {
    if (this.frame && height > 0) this.frame.style.height = `${Math.ceil(height)}px`;
  }

  /** Scrolls the page only if the spot, `top` px down the frame, is out of sight. */
  private reveal(top: number): void {
    if (!this.frame || !Number.isFinite(top)) return;
    const spot = this.frame.getBoundingClientRect().top + top;
    if (spot >= 0 && spot < window.innerHeight * 0.6) return;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    window.scrollTo({ top: window.scrollY + spot - 16, behavior: calm ? "auto" : "smooth" });
  }
}

if (!customElements.get("peepopay-booking")) customElements.define("peepopay-booking", PeepoPayBooking);
