// Writes .br and .gz beside every text file of the build, so that the web server never has to compress one.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";
import zopfli from "@gfx/zopfli"; // gzip, smaller by 3 %: nobody waits for the build

const gzip = promisify(zopfli.gzip);

const dist = new URL("../dist/", import.meta.url);

for (const path of readdirSync(dist, { recursive: true }).filter((name) =>
  /\.(js|css|svg|html)$/.test(name),
)) {
  const file = new URL(path.replaceAll("\\", "/"), dist);
  const text = readFileSync(file);
  writeFileSync(new URL(`${file}.gz`), await gzip(text, {}));
  writeFileSync(new URL(`${file}.br`), brotliCompressSync(text));
}
