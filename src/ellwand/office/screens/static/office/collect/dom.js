// Elements without strings of HTML: nothing that was typed can become a part of the page.

export function h(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(3).filter((c) => c !== null && c !== undefined && c !== false && c !== ""));
  return made;
}

const MARK = { rise: "▲", fall: "▼", same: "▬" };

// A change in per cent with arrow, sign and colour.
export function changed(ratio) {
  const percent = Math.round(1000 * (ratio - 1)) / 10;
  const way = percent > 0 ? "rise" : percent < 0 ? "fall" : "same";
  const sign = { rise: "+", fall: "\u2212", same: "" }[way];
  return h("span", { class: `change ${way}` }, h("span", { "aria-hidden": "true" }, MARK[way]), ` ${sign}${Math.abs(percent).toFixed(1)} %`);
}
