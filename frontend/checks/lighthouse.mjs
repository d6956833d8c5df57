// Lighthouse over addresses: node lighthouse.mjs CHROMIUM ADDRESS ... prints a list of what it found of each, as JSON.
// One browser serves all of them, and each is measured as a phone on a slow line, which is Lighthouse's own rule.

import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const [chromePath, ...addresses] = process.argv.slice(2);
const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
const browser = await launch({ chromePath, chromeFlags: flags, logLevel: "silent" });
const found = [];

// On a busy machine the browser's own record of a visit may come out without its beginning; the visit is made again.
const measured = async (address, tries = 3) => {
  const { lhr } = await lighthouse(address, { port: browser.port, logLevel: "silent" });
  if (!lhr.runtimeError) return lhr;
  if (tries > 1) return measured(address, tries - 1);
  throw new Error(`${address}: ${lhr.runtimeError.message}`);
};

try {
  for (const address of addresses) {
    const lhr = await measured(address);
    const categories = Object.values(lhr.categories);
    found.push({
      address,
      scores: Object.fromEntries(categories.map(({ id, score }) => [id, score])),
      // Whatever took something from a score, heaviest first.
      lost: categories.flatMap(({ id, auditRefs }) =>
        auditRefs
          .map(({ id: audit, weight }) => ({ category: id, weight, ...lhr.audits[audit] }))
          .filter(({ weight, score }) => weight > 0 && score !== null && score < 1)
          .map(({ category, weight, id: audit, score, title, displayValue, details }) => ({
            category, audit, score, weight, title, value: displayValue ?? "",
            where: (details?.items ?? []).slice(0, 3).map((item) => item.node?.snippet ?? item.url ?? item.source?.url ?? ""),
          })),
      ).sort((one, other) => other.weight - one.weight),
    });
  }
} finally {
  browser.kill();
}
process.stdout.write(JSON.stringify(found));
