// Writes .br and .gz beside every text file of the build, so that the web server never has to compress one.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);

for (const path of readdirSync(dist, { recursive: true }).filter((name) => /\.(js|css|svg)$/.test(name))) {
  const file = new URL(path.replaceAll("\\", "/"), dist);
  const text = readFileSync(file);
  writeFileSync(new URL(`${file}.gz`), gzipSync(text, { level: 9 }));
  writeFileSync(new URL(`${file}.br`), brotliCompressSync(text));
}
