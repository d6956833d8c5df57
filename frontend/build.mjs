// Builds the interactive chart into one file that names what it was built from; a test compares the name.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const sources = ["interactive.js", "package.json", "package-lock.json"];
const hash = createHash("sha256");
for (const name of sources) hash.update(readFileSync(new URL(name, import.meta.url)));
await build({
  entryPoints: ["interactive.js"],
  outfile: "../src/ellwand/web/site/static/site/interactive.js",
  bundle: true, minify: true, format: "esm", target: "es2020", charset: "utf8", legalComments: "none",
  banner: { js: `/* Apache ECharts; licences in interactive.notice.txt; built from ${hash.digest("hex")} */` },
});
