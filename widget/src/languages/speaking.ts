// The widget in another language than English: what is said is looked up as it is about to be drawn, so that English
// needs nothing of this.
import { Fragment as Group, options, type ComponentChildren, type VNode } from "preact";

const READ_OUT = ["aria-label", "abbr"];
/** Where an element stands within a sentence: a character of Unicode's private use for each. */
const PLACES = 0xe000;
const PLACE = /[\uE000-\uE0FF]/;

const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const any = (names: string[]) => `(${names.join("|")})[a-z]*`;
const DATE = new RegExp(`\\b${any(DAYS)} (\\d{1,2}) ${any(MONTHS)}(,? (?=\\d{1,2}:\\d\\d\\s[ap]m))?`, "g");
const MONTH = new RegExp(`\\b${any(MONTHS)} (\\d{4})\\b`, "g");
const CLOCK = /\b(\d{1,2}):(\d\d)\s([ap])m\b/g;
const DAY = /^(Sun|Mon|Tues|Wednes|Thurs|Fri|Satur)day$|^(Su|Mo|Tu|We|Th|Fr|Sa)$/;

/** What fits into a phrase by this name; anything by others. A service "Call out" is no call of anybody's. */
const KINDS: Record<string, string> = {
  count: "\\d+",
  money: "\\$[\\d,.]+",
  phone: "[-+()\\d ]+",
  zone: "[A-Z]{3,4}",
  postcode: "\\d{4}",
  length: ".*\\d (?:h|min)",
  day: ".*月.*",
  times: "\\d+ times?",
};

/** What `say` makes of a sentence in English; unchanged where no phrase is like it. */
export function interpreter(
  language: string,
  phrases: Record<string, string>,
  kinds = KINDS,
): (text: string) => string {
  const format = (options: Intl.DateTimeFormatOptions, ...date: [number, number, number]) =>
    new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options }).format(Date.UTC(...date));
  const patterns = Object.entries(phrases).filter(([english]) => english.includes("{"));
  const compiled = patterns.map(([english, said]) => ({ pattern: patternOf(english, kinds), said }));
  const known = new Map<string, string>();

  /** A day is told without its year: it is the next of its name. */
  function dated(_: string, weekday: string, day: string, month: string, at = ""): string {
    const [wanted, number] = [DAYS.indexOf(weekday), MONTHS.indexOf(month)];
    let year = new Date().getUTCFullYear();
    while (new Date(Date.UTC(year, number, +day)).getUTCDay() !== wanted) year++;
    return `${format({ weekday: "short", day: "numeric", month: "long" }, year, number, +day)}${at && " "}`;
  }

  const withDates = (text: string) =>
    text
      .replace(DATE, dated)
      .replace(MONTH, (_, month, year) =>
        format({ month: "long", year: "numeric" }, +year, MONTHS.indexOf(month), 1),
      )
      .replace(CLOCK, (_, hour, minute, half) =>
        `${(hour % 12) + (half === "p" ? 12 : 0)}:${minute}`.padStart(5, "0"),
      )
      .replace(DAY, (name) => {
        const day = DAYS.findIndex((one) => name.startsWith(one.slice(0, 2)));
        return format({ weekday: name.length > 2 ? "long" : "narrow" }, 2026, 1, 1 + day); // a Sunday
      });

  function translated(text: string): string {
    const exact = phrases[text];
    if (exact !== undefined) return exact;
    const plain = withDates(text);
    for (const { pattern, said } of compiled) {
      const found = pattern.exec(plain);
      if (found) return said.replace(/\{(\w+)\}/g, (_, name) => say(found.groups![name]!));
    }
    return plain;
  }

  function say(text: string): string {
    const [, before, words, after] = /^(\s*)(.*?)(\s*)$/s.exec(text)!;
    if (!/[A-Za-z]/.test(words!)) return text;
    if (!known.has(words!)) known.set(words!, translated(words!));
    return before + known.get(words!)! + after;
  }
  return say;
}

function patternOf(english: string, kinds: Record<string, string>): RegExp {
  const literal = english.replace(/[.?()|$]/g, "\\$&");
  return new RegExp(
    `^${literal.replace(/\{(\w+)\}/g, (_, name) => `(?<${name}>${kinds[name] ?? ".*?"})`)}$`,
    "s",
  );
}

/** Text with elements in it is one sentence, in which they may change places. */
function saidOf(children: ComponentChildren, say: (text: string) => string): ComponentChildren {
  const all = Array.isArray(children) ? (children as ComponentChildren[]) : [children];
  if (!all.some((child) => typeof child === "string")) return children;
  const elements: ComponentChildren[] = [];
  const sentence = all.map((child) => {
    if (typeof child === "string" || typeof child === "number") return String(child);
    if (child == null || typeof child === "boolean") return "";
    return String.fromCharCode(PLACES + elements.push(child) - 1);
  });
  const said = say(sentence.join(""));
  if (!elements.length) return said;
  return said
    .split(new RegExp(`(${PLACE.source})`))
    .filter(Boolean)
    .map((part) => (PLACE.test(part) ? elements[part.charCodeAt(0) - PLACES] : part));
}

/** From now on all is drawn in `language`. */
export function speak(language: string, phrases: Record<string, string>): void {
  const say = interpreter(language, phrases);
  const before = options.vnode;
  options.vnode = (node: VNode) => {
    before?.(node);
    if (typeof node.type !== "string" && node.type !== Group) return;
    const props = node.props as Record<string, unknown> & { children?: ComponentChildren };
    if (props.children !== undefined) props.children = saidOf(props.children, say);
    // The page of who waits is the server's, and speaks it too.
    if (/\/wait\?/.test(String(props.href))) props.href += `&language=${language}`;
    for (const name of READ_OUT) if (typeof props[name] === "string") props[name] = say(props[name]);
  };
  document.documentElement.lang = language;
  const retitle = () => {
    const said = say(document.title);
    if (said !== document.title) document.title = said;
  };
  retitle();
  new MutationObserver(retitle).observe(document.querySelector("title")!, { childList: true });
}
