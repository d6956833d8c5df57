// The price comment: cells grow with their text, what is being written is checked, a finding leads to its place.
const form = document.getElementById("texts");
const list = document.querySelector(".found");
const live = document.querySelector(".live");
const PAUSE = 600;
let timer = 0;
let asked = 0;
let changed = false;

const cells = (language) => [...form.querySelectorAll(`textarea[name="${language}"]`)];

function plain(area) {
  // Until the answer is there the cell shows no marks, but it has the height of its text.
  area.previousElementSibling.textContent = `${area.value}\n`;
}

function piece(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

function paint(area, marks) {
  const shown = area.previousElementSibling;
  const parts = [];
  let at = 0;
  for (const [start, end] of marks.sort((a, b) => a[0] - b[0])) {
    if (start < at) continue;
    parts.push(area.value.slice(at, start), piece("mark", area.value.slice(start, end)));
    at = end;
  }
  shown.replaceChildren(...parts, `${area.value.slice(at)}\n`);
  area.parentElement.classList.toggle("wrong-cell", marks.length > 0);
}

function go(language, number, start, length) {
  const area = cells(language)[number] ?? document.getElementById(`${language}-${number}`);
  if (!area) return false;
  area.focus();
  area.setSelectionRange(start, start + length);
  area.scrollIntoView({ block: "center" });
  return true;
}

function entry(one) {
  const item = document.createElement("li");
  item.className = "finding";
  const words = document.createElement("p");
  const link = piece("a", `${one.language_words} ${one.line}:${one.column}`);
  link.href = `#${one.language}-${one.block}`;
  link.addEventListener("click", (event) => {
    if (go(one.language, one.block, one.start, one.length)) event.preventDefault();
  });
  const quoted = piece("q", one.text);
  quoted.lang = one.lang;
  const why = piece("span", one.why);
  why.className = "why";
  words.append(link, " ", piece("strong", one.name), " ", quoted, " ", why);
  if (one.expected) {
    const expected = piece("span", ` ${list.dataset.expected} `);
    expected.className = "expected";
    expected.append(piece("b", one.expected));
    words.append(expected);
  }
  item.append(words);
  return item;
}

function light(key, count) {
  const place = document.querySelector(`[data-light="${key}"]`);
  if (!place || (key === "outside" && !count)) return;
  place.classList.toggle("good", !count);
  place.classList.toggle("bad", count > 0);
  place.querySelector(".light-words").textContent = count ? place.dataset.bad.replace("N", count) : place.dataset.good;
}

async function check() {
  asked += 1;
  const mine = asked;
  const sent = { zh: cells("zh").map((a) => a.value), en: cells("en").map((a) => a.value) };
  let told;
  try {
    const answer = await fetch(form.dataset.check, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      body: JSON.stringify(sent),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    told = (await answer.json()).findings;
  } catch {
    if (mine === asked) {
      live.hidden = false;
      live.textContent = live.dataset.failed;
    }
    return;
  }
  if (mine !== asked) return;
  for (const language of ["zh", "en"]) {
    cells(language).forEach((area, number) => {
      // White space before the text is not sent on; the places count from its first letter.
      const lead = area.value.length - area.value.replace(/^[\n \t]+/, "").length;
      const own = told.filter((one) => one.language === language && one.block === number);
      paint(area, own.map((one) => [lead + one.start, lead + one.start + one.length]));
    });
  }
  list.replaceChildren(...told.map(entry));
  live.hidden = false;
  live.textContent = told.length ? live.dataset.some.replace("N", told.length) : live.dataset.none;
  const kinds = told.map((one) => one.kind);
  const count = (kind) => kinds.filter((k) => k === kind).length;
  light("figures", kinds.length - count("parity") - count("stale") - count("outside"));
  light("parity", count("parity"));
  light("outside", count("outside"));
}

if (form) {
  form.addEventListener("input", (event) => {
    if (event.target.name === "reason") return;
    changed = true;
    plain(event.target);
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  });
  form.addEventListener("submit", () => {
    changed = false;
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

for (const link of document.querySelectorAll("[data-jump]")) {
  link.addEventListener("click", (event) => {
    const { jump, start, length } = link.dataset;
    const area = document.getElementById(`${jump}-${link.dataset.block}`);
    if (!area) return;
    event.preventDefault();
    area.focus();
    area.setSelectionRange(Number(start), Number(start) + Number(length));
    area.scrollIntoView({ block: "center" });
  });
}
