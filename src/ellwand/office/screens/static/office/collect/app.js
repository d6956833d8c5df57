// The collector's pages on the phone: where one is stands after the #, and everything works without a connection.
import { card } from "./card.js";
import { h } from "./dom.js";
import { sent } from "./sent.js";
import { stall, stalls } from "./stalls.js";
import * as store from "./store.js";
import { enter, load, state, waiting } from "./state.js";
import { sync } from "./sync.js";
import { chinese, say, switchLanguage } from "./words.js";

const place = document.getElementById("main");
const bar = document.getElementById("bar");
const notes = document.getElementById("notes");
let shown = "";

const where = () => location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);

const act = {
  async enter(stop, row, said) {
    if (!(await kept(() => enter(stop, row, said)))) return;
    const next = stop.rows[stop.rows.indexOf(row) + 1];
    go(next ? `#/${encodeURIComponent(stop.unit)}/${encodeURIComponent(next.item)}` : `#/${encodeURIComponent(stop.unit)}`);
    sync(told);
  },
  async closeStall(stop, rows) {
    const said = { price: "", status: "closed", type: "", quantity: "", remark: "", reason: "" };
    for (const row of rows) if (!(await kept(() => enter(stop, row, said)))) return;
    go("#/");
    sync(told);
  },
  async yield(entry) {
    await kept(() => store.keep({ ...entry, settled: true }));
    await load();
    draw(true);
  },
};

// Say so where the phone could not keep an entry: then it is not entered.
async function kept(work) {
  try {
    await work();
    return true;
  } catch (error) {
    notes.replaceChildren(h("p", { class: "note error", role: "alert" }, say(error?.name === "QuotaExceededError" ? "full" : "no_store")));
    return false;
  }
}

function go(hash) {
  if (location.hash === hash || (hash === "#/" && location.hash === "")) draw(true);
  else location.hash = hash;
}

function page() {
  const [first, item] = where();
  if (first === "sent") return sent();
  if (first && item) return card(first, item, act) ?? stalls();
  return (first && stall(first, act)) || stalls();
}

function draw(fresh = false) {
  const now = `${location.hash} ${chinese()}`;
  const moved = fresh || now !== shown;
  // What is being typed is not taken away by an answer that arrives meanwhile, nor a link from under the thumb.
  if (moved || !place.querySelector(".card-form")) {
    const next = place.cloneNode(false);
    next.append(...page().flat().filter(Boolean));
    if (moved || !next.isEqualNode(place)) {
      const held = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      place.replaceChildren(...next.childNodes);
      if (!moved && held) [...place.querySelectorAll("a")].find((a) => a.getAttribute("href") === held)?.focus({ preventScroll: true });
    }
    // A card has the screen to itself.
    document.body.classList.toggle("one", Boolean(place.querySelector(".card-form")));
    if (moved) {
      if (shown) place.querySelector("h1")?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    shown = now;
  }
  document.title = `${place.querySelector("h1")?.textContent ?? say("page")} · ${say("page")}`;
  drawBar();
}

function drawBar() {
  const n = waiting().length;
  const line = navigator.onLine ? say("online") : say("offline");
  const told_ = state.sending ? say("sending") : n ? say("waiting", { n }) : say("nothing_waiting");
  const links = [h("a", { href: "#/", "aria-current": where().length ? null : "page" }, say("stalls")), h("a", { href: "#/sent", "aria-current": where()[0] === "sent" ? "page" : null }, say("sent"))];
  bar.replaceChildren(
    h("nav", { "aria-label": say("page") }, links),
    h("p", { class: n ? "line wait" : "line", role: "status" }, h("span", { class: navigator.onLine ? "dot on" : "dot" , "aria-hidden": "true" }), `${line} · ${told_}`),
    n && navigator.onLine && !state.signedOut ? h("button", { type: "button", onclick: () => sync(told, { force: true }) }, say("send_now")) : "");
  const said = [];
  if (state.signedOut) said.push(h("p", { class: "note warning" }, say("sign_in"), " ", h("a", { href: `/accounts/login/?next=${encodeURIComponent("/office/collect/")}` }, say("sign_in_act"))));
  else if (state.trouble && n) said.push(h("p", { class: "note warning" }, say(state.trouble)));
  const others = Map.groupBy ? [...Map.groupBy(state.others, (e) => e.user_name)] : [];
  for (const [name, entries] of others) said.push(h("p", { class: "note" }, say("others", { name, n: entries.length })));
  notes.replaceChildren(...said);
  const language = document.getElementById("language");
  language.textContent = say("language");
  language.lang = chinese() ? "en" : "zh-Hans";
  document.getElementById("user").textContent = state.user?.name ?? "";
  document.getElementById("desk").textContent = say("desk");
}

const told = () => draw();

document.getElementById("language").addEventListener("click", () => { switchLanguage(); draw(true); });
addEventListener("hashchange", () => draw());
addEventListener("online", () => sync(told, { force: true }));
addEventListener("offline", drawBar);
document.addEventListener("visibilitychange", () => { if (!document.hidden) sync(told); });
setInterval(() => { if (waiting().length && navigator.onLine) sync(told); }, 30_000);

try {
  await load();
  draw();
  if (navigator.serviceWorker) await navigator.serviceWorker.register("/office/collect/worker.js", { scope: "/office/collect/" });
  if (navigator.storage?.persist) await navigator.storage.persist();
} catch (error) {
  state.storeless = true;
  notes.replaceChildren(h("p", { class: "note error", role: "alert" }, say("no_store")));
}
if (!state.storeless) await sync(told, { force: true });
document.documentElement.dataset.ready = "yes";
