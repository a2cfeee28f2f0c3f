// Where this page is and what its address asks for.

export interface Settings {
  /** Where the API is: "" for this page's own origin, or what the page's host has filled in. */
  api: string;
  /** The tradie, from /book/:slug. */
  slug: string;
  /** Shown inside another page's frame. */
  embedded: boolean;
  /** A service the page asks to start with, by id. */
  service: string | null;
}

export function readSettings(
  location: Pick<Location, "pathname" | "search">,
  page: Pick<Document, "querySelector">,
): Settings {
  const query = new URLSearchParams(location.search);
  const slug = /\/book\/([^/]+)/.exec(location.pathname)?.[1] ?? "";
  return {
    api: page.querySelector<HTMLMetaElement>("[name=peepopay-api]")?.content ?? "",
    slug: decodeURIComponent(slug),
    embedded: query.get("embed") === "1",
    service: query.get("service"),
  };
}
