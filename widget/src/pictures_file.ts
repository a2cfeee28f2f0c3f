import { later } from "./later";

/** What a question that is answered with photos needs. Few services ask one. */
export const pictures = later(() => import("./pictures"));
