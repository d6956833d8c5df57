// One item on one screen: what it is, its last price, a pad for the thumb, and the checks at once.
import { changed, h } from "./dom.js";
import { mark, said } from "./stalls.js";
import { instant, standing, state } from "./state.js";
import { chinese, measured, named, say } from "./words.js";

const PRICE = /^\d{1,8}(\.\d{1,4})?$/;
const STATUSES = ["", "out_of_stock", "closed", "substituted"];
const KINDS = ["deal", "firm_offer", "asking"];

function choice(name, values, now, words, change) {
  return h("fieldset", { class: "choice" }, h("legend", { class: "hidden" }, say(name === "status" ? "status" : "kind")),
    values.map((value) => h("label", {}, h("input", { type: "radio", name, value, checked: value === now, onchange: change }), h("span", {}, say(words(value))))));
}

export function card(unit, item, act) {
  const stop = state.list?.stops.find((s) => s.unit === unit);
  const row = stop?.rows.find((r) => r.item === item);
  if (!row) return null;
  const at = stop.rows.indexOf(row);
  const { state: kind, entry, says } = standing(stop, row);
  const was = row.now ?? null;
  const draft = entry ?? was ?? {};

  const price = h("input", { id: "price", inputmode: "none", autocomplete: "off", enterkeyhint: "next", value: draft.price ?? "", "aria-describedby": "told", maxlength: "13" });
  const told = h("p", { id: "told", class: "told", "aria-live": "polite" });
  const reason = h("input", { id: "reason", maxlength: "500", autocomplete: "off", value: entry?.reason ?? "" });
  const why = h("div", { class: "field why", hidden: true }, h("label", { for: "reason" }, say("reason")), reason);
  const quantity = h("input", { id: "quantity", inputmode: "decimal", maxlength: "14", autocomplete: "off", value: draft.quantity ?? "" });
  const remark = h("input", { id: "remark", maxlength: "500", autocomplete: "off", value: draft.remark ?? "" });
  const remarkLabel = h("label", { for: "remark" }, say("remark"));
  const more = h("details", { class: "more" }, h("summary", {}, say("more")), h("div", { class: "field" }, h("label", { for: "quantity" }, say("quantity", { measure: measured(row) })), quantity), h("div", { class: "field" }, remarkLabel, remark));
  more.open = Boolean(draft.quantity || draft.remark);
  const status = choice("status", STATUSES, draft.status ?? "", (v) => v || "available", check);
  const kinds = choice("type", KINDS, draft.type ?? "", (v) => v, check);
  const chosen = (part) => part.querySelector("input:checked")?.value ?? "";
  const pad = h("div", { class: "pad", role: "group", "aria-label": say("price") }, [..."123456789"].map(key), key(".", say("point")), key("0"), key("⌫", say("delete_digit")));

  function key(digit, label = digit) {
    return h("button", { type: "button", class: "key", "aria-label": label, onclick: () => press(digit) }, digit);
  }

  function press(digit) {
    const now = price.value;
    if (digit === "⌫") price.value = now.slice(0, -1);
    else if (/^\d{0,8}(\.\d{0,4})?$/.test(now + digit)) price.value = (now + digit).replace(/^\./, "0.").replace(/^0(?=\d)/, "");
    check();
  }

  const withPrice = () => ["", "substituted"].includes(chosen(status));
  const ratio = () => (row.last?.price && Number(price.value) > 0 ? Number(price.value) / Number(row.last.price) : null);

  // What the office will check too: here at once, there for good.
  function check() {
    const open = withPrice();
    for (const part of [pad, kinds]) part.hidden = !open;
    price.disabled = !open;
    if (!open) price.value = "";
    remarkLabel.textContent = say(chosen(status) === "substituted" ? "remark_substituted" : "remark");
    if (chosen(status) === "substituted") more.open = true;
    const value = Number(price.value);
    const given = price.value !== "";
    const rate = ratio();
    const unusual = given && ((row.low && value < row.low) || (row.high && value > row.high));
    const changing = was !== null || kind === "conflict";
    why.hidden = !(unusual || changing || kind === "asked");
    why.querySelector("label").textContent = say(changing && !unusual ? "reason_change" : "reason");
    told.replaceChildren(...[rate === null ? null : changed(rate), unusual ? h("span", {}, say("unusual")) : null].filter(Boolean));
    told.classList.toggle("ask", Boolean(unusual));
    return { value, given, unusual, needsReason: !why.hidden };
  }

  function fault() {
    const { value, given, needsReason } = check();
    if (withPrice() && !given && chosen(status) === "") return [price, "give_price"];
    if (given && (!PRICE.test(price.value) || !(value > 0))) return [price, "not_a_price"];
    if (given && !chosen(kinds)) return [kinds.querySelector("input"), "give_kind"];
    if (chosen(status) === "substituted" && !remark.value.trim()) return [remark, "give_remark"];
    if (needsReason && !reason.value.trim()) return [reason, "give_reason"];
    return null;
  }

  async function save(event) {
    event.preventDefault();
    const found = fault();
    if (found) {
      told.replaceChildren(say(found[1]));
      told.classList.add("ask");
      found[0].setAttribute("aria-invalid", "true");
      found[0].focus();
      return;
    }
    const open = withPrice();
    await act.enter(stop, row, {
      price: open ? price.value : "", status: chosen(status), type: open ? chosen(kinds) : "",
      quantity: open ? quantity.value.trim() : "", remark: remark.value.trim(), reason: why.hidden ? "" : reason.value.trim(),
    });
  }

  price.addEventListener("input", () => { price.removeAttribute("aria-invalid"); check(); });
  const form = h("form", { class: "card-form", novalidate: true, onsubmit: save },
    status,
    h("div", { class: "figure" }, h("label", { for: "price", class: "hidden" }, say("price")), price, h("span", { class: "unit" }, `${state.list.currency}/${measured(row)}`)),
    told, why, kinds, pad, more,
    h("div", { class: "acts" },
      h("button", { class: "main wide" }, say(at + 1 < stop.rows.length ? "save_next" : "save"))));
  const same = row.last?.price && h("button", { type: "button", class: "same", onclick: () => { status.querySelector("input").checked = true; price.value = row.last.price; check(); } }, say("same_as_last"));
  check();
  return [
    h("p", { class: "sub" }, h("a", { href: `#/${encodeURIComponent(unit)}`, class: "back" }, `← ${named({ ...stop, code: unit })}`), " ", h("span", { class: "count" }, `· ${say("of_list", { n: at + 1, all: stop.rows.length })}`)),
    h("h1", { tabindex: "-1" }, named({ ...row, code: item })),
    h("p", { class: "sub" }, h("span", { class: "hidden" }, `${say("spec")}: `), [row.spec, item].filter(Boolean).join(" · ")),
    h("p", { class: "last" }, h("span", {}, row.hidden ? say("last_hidden") : row.last?.price ? [`${say("last")} `, h("strong", {}, row.last.price), h("span", {}, ` ${state.list.currency}/${measured(row)}`), " ", h("small", {}, row.last.period)] : say("no_last")), same),
    kind !== "open" && h("p", { class: "now" }, mark(kind), says && ` ${said(row, says)}`, entry?.receipt && ` · ${say("receipt")} ${entry.receipt}`),
    (kind === "refused" || kind === "asked") && problems(entry),
    kind === "returned" && h("p", { class: "note error" }, say("returned_why", { reason: row.asked.reason })),
    kind === "conflict" ? conflict(stop, row, entry, act) : null,
    form,
  ];
}

export function problems(entry) {
  const list = (entry.problems ?? []).map((p) => h("li", {}, chinese() ? `${p.message_zh}。${p.remedy_zh}。` : `${p.message_en}; ${p.remedy_en}.`));
  return h("ul", { class: "note error", role: "status" }, list);
}

function conflict(stop, row, entry, act) {
  return h("section", { class: "note warning", "aria-label": say("conflict_head") },
    h("h2", {}, say("conflict_head")),
    h("dl", { class: "facts" },
      h("dt", {}, say("yours")), h("dd", {}, said(row, entry), h("small", {}, ` ${say("entered", { at: instant(entry.made_at) })}`)),
      h("dt", {}, say("theirs")), h("dd", {}, said(row, entry.now), h("small", {}, ` ${say("by_at", { by: entry.now.by, at: instant(entry.now.at) })}`))),
    h("div", { class: "acts" },
      h("button", { type: "button", onclick: () => document.getElementById("reason").focus() }, say("keep_mine")),
      h("button", { type: "button", onclick: () => act.yield(entry) }, say("keep_theirs"))));
}
