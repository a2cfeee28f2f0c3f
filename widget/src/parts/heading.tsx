import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { reveal } from "../resize";

let arrived = false;

/** The heading of a step. Coming to a step moves the focus here, except when the page has only just opened. */
export function Heading({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (arrived && heading.current) {
      heading.current.focus({ preventScroll: true });
      reveal(document.body);
    }
    arrived = true;
  }, []);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}
