// The review queue by keyboard: one key decides, the next quote is there at once, and nothing is reloaded.
const queue = document.querySelector(".queue");
const place = document.getElementById("quote");
const said = document.querySelector(".said");
const parts = new Map();
let busy = false;

const rows = () => [...document.querySelectorAll(".flags li")];
const current = () => document.querySelector(".flags a[aria-current]")?.parentElement;

function part(row) {
  const address = row.querySelector("a").dataset.part;
  if (!parts.has(address)) {
    const coming = fetch(address).then((answer) => {
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    });
    coming.catch(() => parts.delete(address));
    parts.set(address, coming);
  }
  return parts.get(address);
}

function after(row, step, wanted = () => true) {
  const all = rows();
  const start = row ? all.indexOf(row) : -1;
  for (let k = 1; k <= all.length; k += 1) {
    const next = all[(start + step * k + all.length * k) % all.length];
    if (wanted(next)) return next;
  }
  return null;
}

const nextOpen = (row) => after(row, 1, (one) => one !== row && one.classList.contains("open"));

async function open(row) {
  if (!row) return;
  const link = row.querySelector("a");
  let html;
  try {
    html = await part(row);
  } catch {
    location.assign(link.href);
    return;
  }
  // What is shown again later is asked for again: somebody else may have decided meanwhile.
  parts.delete(link.dataset.part);
  current()?.querySelector("a").removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
  place.innerHTML = html;
  place.querySelector("h2").focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", link.getAttribute("href"));
  document.documentElement.dataset.shown = row.dataset.flag;
  const coming = nextOpen(row);
  if (coming) part(coming).catch(() => {});
}

function finish() {
  const words = document.createElement("p");
  words.className = "lead";
  words.textContent = queue.dataset.done;
  place.replaceChildren(words);
  place.focus();
  document.documentElement.dataset.shown = "done";
}

function note(row, answer) {
  const was = row.classList.contains("open");
  row.className = answer.state;
  row.querySelector(".mark").textContent = answer.state === "open" ? "" : answer.words;
  const count = document.querySelector(".open-count");
  const left = Number(count.dataset.open) + (answer.state === "open" ? 1 : 0) - (was ? 1 : 0);
  count.dataset.open = left;
  count.textContent = left;
  const through = document.querySelector(".through");
  if (through) through.value = document.querySelectorAll(".flags .settled").length;
}

async function send(form) {
  if (busy) return;
  busy = true;
  said.textContent = "";
  const row = current();
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    if (!isJson) {
      // Signed out, or the form is out of date: the page says so itself.
      location.reload();
      return;
    }
    const told = await answer.json();
    if (!answer.ok) {
      said.textContent = told.message;
      if (told.outside) form.querySelector("[name=outside]")?.focus();
      if (answer.status === 409) await open(row);
      return;
    }
    note(row, told);
    parts.delete(row.querySelector("a").dataset.part);
    const next = told.state === "open" ? row : nextOpen(row);
    if (next) await open(next);
    else finish();
  } catch {
    said.textContent = queue.dataset.slow;
  } finally {
    busy = false;
  }
}

if (queue) {
  place.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.target);
  });
  document.querySelector(".flags").addEventListener("click", (event) => {
    const row = event.target.closest("li");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(row);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const panel = place.querySelector("details[open][name=act]");
    if (event.key === "Escape") {
      said.textContent = "";
      if (panel) panel.open = false;
      place.querySelector("h2")?.focus();
      return;
    }
    const field = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select");
    if (field) return;
    if (panel && /^[1-9]$/.test(event.key)) {
      const choice = panel.querySelectorAll("[name=code]")[Number(event.key) - 1];
      if (choice) {
        event.preventDefault();
        choice.checked = true;
        panel.querySelector("form").requestSubmit();
      }
      return;
    }
    if (event.key === "?") {
      const keys = document.getElementById("keys");
      keys.open = !keys.open;
      keys.querySelector("summary").focus();
      return;
    }
    if (event.key === "n" || event.key === "k") {
      event.preventDefault();
      open(after(current(), event.key === "n" ? 1 : -1));
      return;
    }
    if (!/^[a-z]$/.test(event.key)) return;
    const target = place.querySelector(`[data-key="${event.key}"]`);
    if (!target || event.repeat) return;
    event.preventDefault();
    if (target.tagName === "FORM") {
      target.requestSubmit();
      return;
    }
    for (const other of place.querySelectorAll("details[open][name=act]")) if (other !== target) other.open = false;
    target.open = true;
    target.querySelector("input:not([type=hidden])").focus();
  });
  document.documentElement.dataset.shown = place.querySelector(".one")?.dataset.flag ?? "";
  const first = current();
  if (first && nextOpen(first)) part(nextOpen(first)).catch(() => {});
}
