// Fails the build when what a customer downloads outgrows its budget: until a time can be chosen, for the form, and for
// the steps after it.
import { readdirSync, readFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const BUDGETS = { index: 12_000, form: 9_000, closing: 7_500 };

const files = readdirSync(new URL("widget/assets/", dist)).filter((name) => name.endsWith(".gz"));
const bytesOf = (path) => readFileSync(new URL(path, dist)).length;
const inKilobytes = (bytes) => `${(bytes / 1000).toFixed(1).padStart(6)} kB`;
let over = false;

for (const [name, budget] of Object.entries(BUDGETS)) {
  const own = files.filter((file) => file.startsWith(`${name}-`));
  if (own.length !== 2) throw new Error(`Expected a script and a style sheet for "${name}", found: ${own}`);
  const total = own.reduce((sum, file) => sum + bytesOf(`widget/assets/${file}`), 0);
  console.log(`${inKilobytes(total)} gzipped in ${name}, of ${budget / 1000} kB`);
  over ||= total > budget;
}
console.log(`${inKilobytes(bytesOf("embed.js.gz"))} gzipped in embed.js, on the tradie's page`);

if (over) {
  console.error("Over budget: make it smaller, or load the new part at the step that needs it.");
  process.exit(1);
}
