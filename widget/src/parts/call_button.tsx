import type { Tradie } from "../types";

/** The way on when the page can't help: one tap to a person. */
export function CallButton({ tradie, quiet = false }: { tradie: Tradie; quiet?: boolean }) {
  if (!tradie.phone) return null;
  return (
    <a class={quiet ? "link" : "button secondary"} href={`tel:${tradie.phone.replace(/[^+\d]/g, "")}`}>
      Call {tradie.phone}
    </a>
  );
}
