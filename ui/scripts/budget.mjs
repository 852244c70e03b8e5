// Fails when the JavaScript of the first load, or of any part loaded later, is larger than its budget.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const KB = 1024;
const FIRST_LOAD = 180 * KB;
const LAZY_PART = 200 * KB;

const app = new URL("../../src/coterie/web/static/app/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.json", app), "utf8"));
const size = (file) => gzipSync(readFileSync(fileURLToPath(new URL(file, app))), { level: 9 }).length;

/** The files that an entry of the manifest brings with it, its static imports included. */
function files(key, seen = new Set()) {
  if (!seen.has(key)) {
    seen.add(key);
    for (const each of manifest[key].imports ?? []) files(each, seen);
  }
  return seen;
}

const entries = Object.keys(manifest).filter((key) => manifest[key].isEntry);
const first = new Set(entries.flatMap((key) => [...files(key)]));
// Words of one language come with the first load too; count the larger language.
const words = Object.keys(manifest).filter((key) => /^src\/i18n\/[a-z]{2}\.ts$/.test(key));
const wordsSize = Math.max(0, ...words.map((key) => size(manifest[key].file)));

const rows = [["first load", [...first].reduce((sum, key) => sum + size(manifest[key].file), wordsSize), FIRST_LOAD]];
for (const [key, chunk] of Object.entries(manifest)) {
  if (chunk.isDynamicEntry) {
    const own = [...files(key)].filter((each) => !first.has(each));
    rows.push([key, own.reduce((sum, each) => sum + size(manifest[each].file), 0), LAZY_PART]);
  }
}
let tooLarge = 0;
for (const [name, bytes, budget] of rows.sort((a, b) => b[1] - a[1])) {
  tooLarge += bytes > budget ? 1 : 0;
  const figure = `${(bytes / KB).toFixed(1)} of ${budget / KB} KB`;
  console.log(`${bytes > budget ? "TOO LARGE" : "ok       "}  ${figure.padEnd(18)} ${name}`);
}
process.exit(tooLarge ? 1 : 0);
