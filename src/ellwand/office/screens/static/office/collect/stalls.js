// The stalls in walking order, and the items of one.
import { h } from "./dom.js";
import { conflicts, filled, instant, refusals, standing, state } from "./state.js";
import { measured, named, say } from "./words.js";

const address = (...codes) => `#/${codes.map(encodeURIComponent).join("/")}`;

export function mark(kind) {
  const word = { open: "open", record: "state_record" }[kind] ?? `state_${kind}`;
  const look = { open: "", waiting: "wait", late: "wait", refused: "bad", asked: "bad", returned: "bad", conflict: "bad" }[kind] ?? "good";
  return h("span", { class: `state ${look}` }, say(word));
}

// A price or a code in words.
export function said(row, quote) {
  if (!quote) return "";
  if (quote.price) return `${quote.price} ${state.list.currency}/${measured(row)}`;
  return quote.status ? say(quote.status) : "";
}

export function stalls() {
  const { list } = state;
  if (!list) return [h("h1", { tabindex: "-1" }, say("stalls")), h("p", { class: "lead" }, say("no_list"))];
  const due = list.stops.reduce((n, s) => n + s.rows.length, 0);
  const done = list.stops.reduce((n, s) => n + filled(s), 0);
  const over = list.cutoff_at && new Date(list.cutoff_at) < new Date();
  const parts = [
    h("h1", { tabindex: "-1" }, say("stalls")),
    list.round && h("p", { class: "sub" }, list.period, " · ", over ? say("cutoff_passed", { at: instant(list.cutoff_at) }) : say("cutoff", { at: instant(list.cutoff_at) })),
  ];
  if (!list.round) return [...parts, h("p", { class: "lead" }, say("no_round"))];
  if (!due) return [...parts, h("p", { class: "lead" }, say("nothing_assigned"))];
  parts.push(
    h("p", { class: "tally" }, h("strong", {}, say("done_of", { done, due })), h("progress", { value: done, max: due, "aria-label": say("left", { n: due - done }) }), done === due ? say("all_done") : say("left", { n: due - done })),
    troubles(conflicts(), "conflicts"), troubles(refusals(), "refusals"),
  );
  let source = null;
  let rows = null;
  for (const [k, stop] of list.stops.entries()) {
    if (!rows || stop.source.code !== source) {
      source = stop.source.code;
      rows = h("ol", { class: "way", start: k + 1 });
      parts.push(h("h2", {}, named(stop.source)), rows);
    }
    const n = filled(stop);
    const bad = stop.rows.some((r) => ["refused", "asked", "returned", "conflict"].includes(standing(stop, r).state));
    rows.append(h("li", {}, h("a", { href: address(stop.unit), class: n === stop.rows.length ? "done" : "" },
      h("span", { class: "place" }, String(k + 1)),
      h("span", { class: "name" }, named({ ...stop, code: stop.unit }), h("small", {}, stop.unit)),
      h("span", { class: "count" }, bad && h("span", { class: "state bad" }, "!"), ` ${say("done_of", { done: n, due: stop.rows.length })}`))));
  }
  parts.push(h("p", { class: "sub" }, say("list_of", { at: instant(list.at) })));
  return parts;
}

function troubles(found, key) {
  return found.length ? h("p", { class: "note error" }, h("a", { href: address(found[0].unit, found[0].item) }, say(key, { n: found.length }))) : null;
}

export function stall(unit, act) {
  const stop = state.list?.stops.find((s) => s.unit === unit);
  if (!stop) return null;
  const open = stop.rows.filter((r) => standing(stop, r).state === "open");
  const sure = h("div", { class: "sure", hidden: true }, h("button", { type: "button", class: "grave", onclick: () => act.closeStall(stop, open) }, say("stall_closed_sure", { n: open.length })), h("button", { type: "button", onclick: () => { sure.hidden = true; } }, say("cancel")));
  return [
    h("p", { class: "sub" }, h("a", { href: "#/", class: "back" }, `← ${say("stalls")}`)),
    h("h1", { tabindex: "-1" }, named({ ...stop, code: stop.unit })),
    h("p", { class: "sub" }, `${named(stop.source)} · ${stop.unit}`),
    h("ol", { class: "items" }, stop.rows.map((row) => {
      const { state: kind, says } = standing(stop, row);
      return h("li", {}, h("a", { href: address(stop.unit, row.item) },
        h("span", { class: "name" }, named({ ...row, code: row.item }), h("small", {}, row.spec)),
        h("span", { class: "answer" }, says && h("strong", {}, said(row, says)), mark(kind))));
    })),
    open.length ? h("div", { class: "acts" }, h("button", { type: "button", onclick: () => { sure.hidden = false; sure.querySelector("button").focus(); } }, say("stall_closed")), sure) : null,
  ];
}
