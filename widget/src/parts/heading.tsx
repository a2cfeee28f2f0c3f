import type { ComponentChildren } from "preact";
import { reveal } from "../resize";

let arrived = false;

function arrive(heading: HTMLElement | null): void {
  if (arrived && heading) {
    heading.focus({ preventScroll: true });
    reveal(document.body);
  }
  arrived = true;
}

/** The heading of a step. Coming to a step moves the focus here, except when the page has only just opened. */
export const Heading = ({ children }: { children: ComponentChildren }) => (
  <h2 ref={arrive} tabIndex={-1}>
    {children}
  </h2>
);
