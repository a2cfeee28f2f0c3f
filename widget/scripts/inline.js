// Puts the page's own script and style sheet into the page, so that a frame needs one answer where it needed two, and
// writes by which hashes a content security policy lets them in (dist/hashes.conf, as nginx reads it).
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const assets = new URL("widget/assets/", dist);
const page = new URL("widget/index.html", dist);

function taken(ending) {
  const [name, ...others] = readdirSync(assets).filter((file) =>
    new RegExp(`^index-.*\\.${ending}$`).test(file),
  );
  if (!name || others.length) throw new Error(`Expected one index-*.${ending}`);
  const file = new URL(name, assets);
  const text = readFileSync(file, "utf8").trim();
  unlinkSync(file);
  return text;
}

/** What `pattern` finds, once and no more, with something else in its place. */
function replaced(text, pattern, by) {
  const pieces = text.split(pattern);
  if (pieces.length !== 2) throw new Error(`Found ${pieces.length - 1} times, not once: ${pattern}`);
  return pieces.join(by);
}

/** Nobody can import from a script within a page: the files fetched later find there what it exports. All of it is
 * `const` or a function, so that it stays what it is. */
function handedOn(script) {
  const [exported, names] = /export\{([^}]*)\};?$/.exec(script);
  const pairs = names.split(",").map((pair) => pair.split(" as "));
  const given = pairs.map(([name, as = name]) => `${as}:${name}`);
  return script
    .replace(exported, () => `self.peepopay={${given}}`)
    .replaceAll('import("./', 'import("/widget/assets/');
}

function takenOver(file) {
  return file.replace(
    /import\{([^}]*)\}from"\.\/index-[^"]*\.js";?/,
    (_, names) => `const{${names.replaceAll(" as ", ":")}}=peepopay;`,
  );
}

const hashOf = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const script = handedOn(taken("js"));
const style = taken("css").replaceAll(", ", ",");
if (/<\/script|<!--/.test(script) || style.includes("</")) throw new Error("Can't stand within a page");

let html = readFileSync(page, "utf8")
  .replace(/>\n\s*/g, ">")
  .replaceAll(" />", ">");
html = replaced(html, /<script type="module" crossorigin src="[^"]*"><\/script>/, "");
html = replaced(html, /<link rel="stylesheet" crossorigin href="[^"]*">/, `<style>${style}</style>`);
// At the end: what is seen until then comes first.
html = replaced(html, "</body>", `<script type="module">${script}</script></body>`);
writeFileSync(page, html);

for (const name of readdirSync(assets).filter((name) => name.endsWith(".js"))) {
  const file = new URL(name, assets);
  const text = takenOver(readFileSync(file, "utf8"));
  if (text.includes("./index-")) throw new Error(`${name} still imports from the page`);
  writeFileSync(file, text);
}

writeFileSync(
  new URL("hashes.conf", dist),
  `set $page_script "${hashOf(script)}";\nset $page_style "${hashOf(style)}";\n`,
);
