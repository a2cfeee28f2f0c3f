import type { Details } from "./booking";

/** What the page around may know of who books, and what it is called here. */
const NAMES = {
  name: "customer.name",
  email: "customer.email",
  phone: "customer.phone",
  suburb: "address.suburb",
  postcode: "address.postcode",
};

/** What `#name=...&email=...` says of who books; null: nothing. It is taken out of the address, where other scripts would see it. */
export function readPrefilled(): Details | null {
  const said = new URLSearchParams(location.hash.slice(1));
  const known = Object.entries(NAMES).filter(([name]) => said.get(name));
  if (!known[0]) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return Object.fromEntries(known.map(([name, field]) => [field, said.get(name)!.trim()]));
}
