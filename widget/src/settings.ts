// Where this page is and what its address asks for.

export interface Settings {
  /** Where the API is: "" for this page's own origin, or what the page's host has filled in. */
  api: string;
  /** The tradie, as it stands in /book/:slug. */
  slug: string;
  /** Shown inside another page's frame. */
  embedded: boolean;
  /** A service the page asks to start with, by id. */
  service: string;
  /** A colour that the page asks for instead of the tradie's, "#0b5cad". */
  accent: string | null;
  /** "light", "dark", or "auto": as the visitor has it everywhere else. */
  theme: string;
  /** Asked for: "en", "zh". */
  language: string | null;
}

export function readSettings(
  location: Pick<Location, "pathname" | "search">,
  page: Pick<Document, "querySelector">,
): Settings {
  const query = new URLSearchParams(location.search);
  const embedded = query.get("embed") === "1";
  return {
    api: page.querySelector<HTMLMetaElement>("[name=peepopay-api]")!.content,
    slug: location.pathname.split("/")[2] ?? "",
    embedded,
    service: query.get("service") ?? "",
    accent: query.get("accent"),
    // Within a page that says nothing, most are light.
    theme: query.get("theme") ?? (embedded ? "light" : "auto"),
    language: query.get("language"),
  };
}
