// Fails the build when what a customer downloads before the pay step outgrows its budget.
import { readFileSync } from "node:fs";

const BUDGET_BYTES = 20_000;
const dist = new URL("../dist/", import.meta.url);

const bytesOf = (path) => readFileSync(new URL(path, dist)).length;
const page = readFileSync(new URL("widget/index.html", dist), "utf8");
const assets = [...page.matchAll(/(?:src|href)="\/(widget\/[^"]+\.(?:js|css))"/g)].map((match) => match[1]);
const sizes = assets.map((path) => [path, bytesOf(`${path}.gz`)]);
const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);

for (const [path, bytes] of [...sizes, ["embed.js (on the tradie's page)", bytesOf("embed.js.gz")]])
  console.log(`${(bytes / 1000).toFixed(1).padStart(6)} kB  ${path}`);
console.log(
  `${(total / 1000).toFixed(1).padStart(6)} kB gzipped before the pay step, of ${BUDGET_BYTES / 1000} kB`,
);

if (assets.length < 2) throw new Error("Found no script and style sheet in dist/widget/index.html.");
if (total > BUDGET_BYTES) {
  console.error("Over budget: make the widget smaller, or load the new part at the step that needs it.");
  process.exit(1);
}
