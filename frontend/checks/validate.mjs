// A validator of HTML: node validate.mjs FOLDER prints what it found in the files of a folder, as JSON.

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { HtmlValidate, StaticConfigLoader } from "html-validate";

// Everything that the validator recommends, but for:
const rules = {
  // HTML knows no case; the site writes its tags in small letters, and this one too.
  "doctype-style": ["error", { style: "lowercase" }],
  // One field may have several values: the series of a chart are boxes to tick and a list to add one from, of one name.
  "form-dup-name": "off",
  // What is cited stands in <pre> as the file has it, and a record of RIS ends with a blank.
  "no-trailing-whitespace": "off",
  // Digests of what is loaded matter where another host could change it; the site loads nothing from any.
  "require-sri": ["error", { target: "crossorigin" }],
  // The title of a comment is its finding, a whole sentence; a search machine shortens it by itself.
  "long-title": ["error", { maxlength: 160 }],
};
const checker = new HtmlValidate(new StaticConfigLoader({ root: true, extends: ["html-validate:recommended", "html-validate:document"], rules }));
const [folder] = process.argv.slice(2);
const found = [];
for (const name of (await readdir(folder)).sort()) {
  const report = await checker.validateString(await readFile(join(folder, name), "utf8"), name);
  for (const { messages } of report.results) {
    found.push(...messages.map(({ ruleId, message, line, column, selector }) => ({ name, rule: ruleId, message, line, column, selector })));
  }
}
process.stdout.write(JSON.stringify(found));
