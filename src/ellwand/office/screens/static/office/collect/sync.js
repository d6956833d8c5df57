// Sending what waits, and fetching the list. An entry is sent again until the office has answered; its key stays the
// same, so that the office knows it again.
import * as store from "./store.js";
import { load, state, take, waiting } from "./state.js";

const TOGETHER = 25;
const LIST = "/office/collect/list/";
const SEND = "/office/collect/send/";
let pause = 0;

const cookie = (name) => document.cookie.split("; ").find((c) => c.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

async function ask(address, given = {}) {
  const answer = await fetch(address, { redirect: "manual", cache: "no-store", credentials: "same-origin", ...given });
  // A redirect leads to signing in.
  if (answer.type === "opaqueredirect" || answer.status === 401) return { signedOut: true };
  const json = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : null;
  return { status: answer.status, json, wait: Number(answer.headers.get("Retry-After")) || 0 };
}

async function fetchList(told) {
  const { signedOut, status, json } = await ask(LIST);
  state.signedOut = Boolean(signedOut);
  if (status === 200 && json) {
    await take(json);
    told();
  }
  return status === 200;
}

const STATES = { late: "late", older: "conflict", asked: "asked", refused: "refused" };
const FIELDS = ["key", "unit", "item", "price", "status", "type", "quantity", "remark", "reason", "seen", "made_at"];

async function sendSome(told) {
  const [first] = waiting();
  if (!first) return false;
  const some = waiting().filter((e) => e.round === first.round).slice(0, TOGETHER);
  const body = { round: first.round, quotes: some.map((e) => Object.fromEntries(FIELDS.map((f) => [f, e[f] ?? ""]))) };
  const { signedOut, status, json, wait } = await ask(SEND, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken"), "Ellwand-User": String(state.user.id) },
    body: JSON.stringify(body),
  });
  if (signedOut) { state.signedOut = true; return false; }
  if (status === 409) {
    // Somebody else is signed in by now: his list is fetched, and these entries wait for their own user.
    await fetchList(told);
    return false;
  }
  if (status !== 200 || !json) {
    state.trouble = status === 429 ? "too_many" : "fault";
    pause = Date.now() + 1000 * Math.max(wait, 20);
    return false;
  }
  const answers = new Map(json.quotes.map((a) => [a.key, a]));
  const kept = some.filter((e) => answers.has(e.key)).map((e) => {
    const { outcome, receipt, quote, now, conflict, problems } = answers.get(e.key);
    return { ...e, outcome, receipt, quote, now, conflict, problems, state: STATES[outcome] ?? "sent", sent_at: json.at };
  });
  await store.keep(...kept);
  await load();
  state.trouble = "";
  told();
  return kept.length > 0;
}

// Send all that waits, then look at the list again. One tab does it at a time. told : called whenever something changed.
export async function sync(told, { force = false } = {}) {
  if (state.sending || (!force && Date.now() < pause)) return;
  const work = async (lock) => {
    if (lock === null) return;
    state.sending = true;
    told();
    try {
      await load();
      let sent = 0;
      // Who is signed in is asked first: the office must not take one's entries for another's.
      if (!(await fetchList(told)) && state.signedOut) return;
      while (state.user && (await sendSome(told))) sent += 1;
      if (sent) await fetchList(told);
    } catch (error) {
      // No connection: everything waits on the phone.
      if (!(error instanceof TypeError)) throw error;
    } finally {
      state.sending = false;
      told();
    }
  };
  if (navigator.locks) await navigator.locks.request("ellwand-collect", { ifAvailable: true }, work);
  else await work(true);
}
