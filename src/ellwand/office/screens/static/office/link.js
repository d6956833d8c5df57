// Counts what is filled in, asks at once about a price far from the last one, and keeps one answer per item.
// Everything works without it.
const zh = document.documentElement.lang.startsWith("zh");
const cards = [...document.querySelectorAll(".item")];
const count = document.querySelector(".count");

function field(card, name) {
  return card.querySelector(`[name^="${name}-"]`);
}

function filled(card) {
  const status = card.querySelector('[name^="status-"]:checked');
  return Boolean(field(card, "price").value.trim() || field(card, "same")?.checked || status?.value);
}

function number(text) {
  const plain = text.replace(/[０-９．]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/,(?=\d{3})/g, "");
  return /^\d+(\.\d+)?$/.test(plain.trim()) ? Number(plain) : NaN;
}

function judge(card) {
  card.querySelector(".far")?.remove();
  const last = Number(card.dataset.last), limit = Number(card.dataset.limit), now = number(field(card, "price").value);
  if (!(last > 0 && limit > 0 && now > 0) || Math.abs(Math.log(now / last)) <= Math.log1p(limit)) return;
  const percent = Math.round(100 * (now / last - 1));
  const change = `${percent < 0 ? "\u2212" : "+"}${Math.abs(percent)} %`;
  const told = document.createElement("p");
  told.className = "far";
  told.setAttribute("role", "status");
  told.textContent = zh ? `比上次${change}：对吗？请在下面选择原因。` : `${change} on the last one: right? Choose the reason below.`;
  card.querySelector(".price").after(told);
  card.querySelector(".further:has(.why)")?.setAttribute("open", "");
}

function tell() {
  if (!count) return;
  const n = cards.filter(filled).length;
  count.textContent = n ? count.dataset.words.replace("{n}", n) : "";
}

for (const card of cards) {
  card.addEventListener("input", (event) => {
    const price = field(card, "price"), same = field(card, "same");
    if (event.target === price && price.value) {
      if (same) same.checked = false;
    } else if (event.target === same && same.checked) {
      price.value = "";
    }
    judge(card);
    tell();
  });
}
tell();
