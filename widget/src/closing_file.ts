import { later } from "./later";

/** The steps after the form, fetched while it is filled in. */
export const closing = later(() => import("./closing"));
