// What the frame tells the page around it. Anyone may embed the widget, so a message goes to any origin, and
// nothing personal and no token is ever in one.

export type HostMessage =
  | { type: "ready" }
  | { type: "resize"; height: number }
  | { type: "reveal"; top: number }
  | { type: "step"; step: string }
  | { type: "close" }
  | { type: "error"; code: string }
  | {
      type: "booking-created" | "booking-confirmed";
      reference: string;
      service: string;
      start: string;
      status: string;
    };

const framed = parent !== window;

export function tellHost(message: HostMessage): void {
  if (framed) parent.postMessage({ source: "peepopay", ...message }, "*");
}

/**
 * Reports the height of the content (CSS px), now and whenever it changes. The content's own box is measured, never
 * the document's: that is at least as high as the frame, and a frame set to it could only ever grow.
 */
export function reportHeight(content: HTMLElement): void {
  let last = 0;
  const report = () => {
    const height = Math.ceil(content.getBoundingClientRect().height);
    // 0: the frame is hidden for now
    if (height && height !== last) tellHost({ type: "resize", height: (last = height) });
  };
  report();
  new ResizeObserver(report).observe(content);
}

/** Brings `element` into view: by itself on our own page, by asking the page around us in a frame. */
export function reveal(element: HTMLElement): void {
  const { top } = element.getBoundingClientRect();
  if (framed) tellHost({ type: "reveal", top: top + scrollY });
  else if (top < 0 || top > innerHeight * 0.7) element.scrollIntoView();
}
