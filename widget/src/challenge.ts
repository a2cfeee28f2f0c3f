// For whom the server takes for a program: somebody else's challenge, as Turnstile and hCaptcha have it.
import { shared } from "./shared";

interface Solver {
  /** Puts a field into the box, whose name ends with "-response". */
  render(box: HTMLElement, how: { sitekey: string; theme: string }): unknown;
}

declare global {
  interface Window {
    turnstile?: Solver;
    hcaptcha?: Solver;
  }
}

export function ask(box: HTMLElement): void {
  const { script_url, site_key } = shared().booking.problem!.challenge!;
  const theme = getComputedStyle(document.documentElement).colorScheme === "dark" ? "dark" : "light";
  const solver = () => window.turnstile ?? window.hcaptcha;
  const show = () => solver()?.render(box, { sitekey: site_key, theme });
  if (solver()) return void show();
  document.head.append(Object.assign(document.createElement("script"), { src: script_url, onload: show }));
}
