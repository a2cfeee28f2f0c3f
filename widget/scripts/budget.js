// Fails the build when what a customer downloads outgrows its budget.
import { readdirSync, readFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const BUDGETS = [
  ["until a time can be chosen", [], 12_000],
  ["before paying", ["form"], 20_000],
  ["with paying", ["form", "closing"], 29_000],
];
const EMBED = 2_000;
/** Fetched after all that a customer waits for. */
const REPORT = 900;
/** What few need: Chinese; a reload taken up or a challenge, photos that a service asks for. */
const SELDOM = ["taking_up", "pictures", "chinese"];

const files = readdirSync(new URL("widget/assets/", dist)).filter((name) => name.endsWith(".gz"));
const bytesOf = (path) => readFileSync(new URL(path, dist)).length;
let over = false;

function check(what, bytes, budget) {
  console.log(`${(bytes / 1000).toFixed(1).padStart(6)} kB gzipped ${what}, of ${budget / 1000} kB`);
  over ||= bytes > budget;
}

/** Its script and its style sheet. */
function bytesOfPart(name) {
  const own = files.filter((file) => file.startsWith(`${name}-`));
  if (own.length !== 2) throw new Error(`Expected a script and a style sheet for "${name}", found: ${own}`);
  return own.reduce((sum, file) => sum + bytesOf(`widget/assets/${file}`), 0);
}

const known = [...BUDGETS.at(-1)[1], ...SELDOM, "report"];
const unknown = files.filter((file) => !known.some((name) => file.startsWith(`${name}-`)));
if (unknown.length) throw new Error(`In no budget: ${unknown}`);
for (const [what, parts, budget] of BUDGETS)
  check(
    what,
    parts.reduce((sum, part) => sum + bytesOfPart(part), bytesOf("widget/index.html.gz")), // has its own within it
    budget,
  );
const [report] = files.filter((name) => name.startsWith("report-"));
check("of what tells how the page fares, once it can be used", bytesOf(`widget/assets/${report}`), REPORT);
check("of embed.js, on the tradie's page", bytesOf("embed.js.gz"), EMBED);

if (over) {
  console.error("Over budget: make it smaller, or load the new part at the step that needs it.");
  process.exit(1);
}
