// What the pages show: the list of the user with his entries laid over it.
import * as store from "./store.js";
import { instant as inZone } from "./words.js";

export const state = {
  user: null, list: null, entries: [], others: [], sending: false, signedOut: false, trouble: "", storeless: false,
};

export const waiting = () => state.entries.filter((e) => e.state === "waiting");
export const conflicts = () => state.entries.filter((e) => e.state === "conflict" && !e.settled);
export const refusals = () => state.entries.filter((e) => BACK.includes(e.state) && !e.settled);

// Not in the record: the collector corrects them, or says why they are right.
const BACK = ["refused", "asked"];

const same = (e, unit, item) => e.unit === unit && e.item === item && e.round === state.list?.round;

// The last entry of a row that still says something of it.
export function entryOf(unit, item) {
  return state.entries.findLast((e) => same(e, unit, item) && !e.settled && !(inList(e) && e.state === "sent")) ?? null;
}

// Whether the list is younger than an entry: then the list says what became of it.
const inList = (e) => e.sent_at && state.list && e.sent_at < state.list.at;

export function standing(stop, row) {
  const entry = entryOf(stop.unit, row.item);
  if (entry) return { state: entry.state, entry, says: entry };
  if (row.asked) return { state: "returned", entry: null, says: row.now };
  if (row.now) return { state: "record", entry: null, says: row.now };
  return { state: "open", entry: null, says: null };
}

export const filled = (stop) => stop.rows.filter((r) => !["open", "returned", "conflict", ...BACK].includes(standing(stop, r).state)).length;

export async function load() {
  const [lists, entries] = await Promise.all([store.lists(), store.entries()]);
  const last = Number(localStorage.getItem("ellwand-collect-user")) || lists.at(-1)?.user.id || null;
  state.list = lists.find((l) => l.user.id === last) ?? null;
  state.user = state.list?.user ?? null;
  state.entries = entries.filter((e) => e.user === last);
  state.others = entries.filter((e) => e.user !== last && e.state === "waiting");
}

export async function take(list) {
  await store.keepList(list);
  localStorage.setItem("ellwand-collect-user", String(list.user.id));
  const old = (await store.entries()).filter(
    (e) => e.user === list.user.id && e.round !== list.round && e.state !== "waiting" && e.state !== "conflict" && (e.sent_at ?? "") < monthAgo(),
  );
  await store.forget(old.map((e) => e.key));
  await load();
}

const monthAgo = () => new Date(Date.now() - 31 * 86400e3).toISOString();

let number = 0;

// A new entry, kept before anything else happens.
export async function enter(stop, row, said) {
  const before = state.entries.filter((e) => same(e, stop.unit, row.item) && !e.settled);
  const entry = {
    key: crypto.randomUUID(), number: (number += 1), user: state.user.id, user_name: state.user.name, round: state.list.round,
    unit: stop.unit, item: row.item, made_at: new Date().toISOString(), seen: seenBy(before, row), state: "waiting", ...said,
  };
  // It takes the place of what came back, and of what never left the phone; not of what is under way just now.
  const over = ["conflict", ...BACK, ...(state.sending ? [] : ["waiting"])];
  await store.keep(entry, ...before.filter((e) => over.includes(e.state)).map((e) => ({ ...e, settled: true, state: e.state === "waiting" ? "replaced" : e.state })));
  await load();
  return entry;
}

// The version that whoever enters has before his eyes: the one in a conflict, his own, or that of the list; 0 for none.
function seenBy(before, row) {
  const last = before.findLast((e) => e.quote || e.now);
  if (last?.state === "conflict") return last.now.quote;
  return Math.max(row.now?.quote ?? 0, last?.quote ?? 0);
}

export const instant = (text) => inZone(text, state.list?.zone);
