// What was sent, by receipt, the last first; and what still waits on the phone.
import { h } from "./dom.js";
import { problems } from "./card.js";
import { mark, said } from "./stalls.js";
import { instant, state, waiting } from "./state.js";
import { named, say } from "./words.js";

function names(entry) {
  const stop = state.list?.stops.find((s) => s.unit === entry.unit);
  const row = stop?.rows.find((r) => r.item === entry.item);
  return [named({ ...stop, code: entry.unit }), named({ ...row, code: entry.item }), row ?? { measure: "" }];
}

function line(entry) {
  const [unit, item, row] = names(entry);
  return h("li", {}, h("a", { href: `#/${encodeURIComponent(entry.unit)}/${encodeURIComponent(entry.item)}` },
    h("span", { class: "name" }, item, h("small", {}, `${unit} · ${say("entered", { at: instant(entry.made_at) })}`)),
    h("span", { class: "answer" }, h("strong", {}, said(row, entry)), mark(entry.state))), ["refused", "asked"].includes(entry.state) && problems(entry),
    entry.conflict && entry.state === "sent" && h("p", { class: "note" }, say("overtook", { by: entry.now.by, at: instant(entry.now.at), said: said(row, entry.now) })));
}

export function sent() {
  const groups = new Map();
  for (const entry of state.entries.filter((e) => e.sent_at).reverse()) {
    const key = entry.receipt ?? "";
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(entry);
  }
  const parts = [h("p", { class: "sub" }, h("a", { href: "#/", class: "back" }, `← ${say("stalls")}`)), h("h1", { tabindex: "-1" }, say("sent"))];
  const left = waiting();
  if (left.length) parts.push(h("h2", {}, say("waiting", { n: left.length })), h("ol", { class: "items" }, left.map(line)));
  if (!groups.size) parts.push(h("p", { class: "lead" }, say("nothing_sent")));
  for (const [receipt, entries] of groups) {
    parts.push(h("h2", { class: "receipt" }, `${say("receipt")} `, h("code", {}, receipt || "–"), h("small", {}, instant(entries[0].sent_at))), h("ol", { class: "items" }, entries.map(line)));
  }
  return parts;
}
