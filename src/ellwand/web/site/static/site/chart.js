// The cursor of a chart, its picture as PNG, and the interactive chart when a reader opens it.
// Without this file every chart is a still picture, and every figure stands in the table beside it.

const own = document.querySelector("script[data-library]");
const number = (text) => {
  const value = Number(text.replace(/,/g, "").replace("\u2212", "-"));
  return /\d/.test(text) && Number.isFinite(value) ? value : null;
};
const space = "http://www.w3.org/2000/svg";

const cursor = (figure, held) => {
  const plot = figure.querySelector(".plot"), live = figure.querySelector(".reading"), still = live.textContent;
  const values = held.lines.map((line) => line.levels.map(number));
  const there = (at) => at >= 0 && at < held.days.length && values.some((line) => line[at] !== null);
  const places = held.days.map((_, at) => at).filter(there);
  if (!places.length) return;
  const last = places[places.length - 1];
  let at = null;

  const dots = (picture) => {
    const mark = picture.querySelector(".cursor");
    while (mark.querySelectorAll("circle").length < values.length) {
      mark.append(mark.querySelector("circle").cloneNode());
    }
    return [mark, [...mark.querySelectorAll("circle")]];
  };
  const said = (at_) => {
    const { join, comma } = held.words;
    if (held.lines.length === 1) {
      const line = held.lines[0], more = line.said[at_];
      return `${line.name}${comma}${held.periods[at_]}${join}${line.levels[at_]}${more ? comma + more : ""}`;
    }
    return `${held.periods[at_]}${join}${held.lines.map((line) => `${line.name} ${line.levels[at_]}`).join(comma)}`;
  };
  const show = (next) => {
    at = next;
    for (const picture of plot.querySelectorAll("svg[data-x]")) {
      const [mark, circles] = dots(picture);
      if (at === null) { mark.setAttribute("visibility", "hidden"); continue; }
      const [left, right, first, end] = picture.dataset.x.split(" ").map(Number);
      const [bottom, top, low, high] = picture.dataset.y.split(" ").map(Number);
      const x = left + ((held.days[at] - first) / Math.max(end - first, 1)) * (right - left);
      mark.setAttribute("visibility", "visible");
      mark.querySelector("path").setAttribute("transform", `translate(${x} 0)`);
      circles.forEach((circle, k) => {
        const value = values[k][at];
        circle.setAttribute("cx", x);
        circle.setAttribute("cy", value === null ? -99 : bottom + ((value - low) / (high - low)) * (top - bottom));
        circle.setAttribute("class", held.lines.length > 1 ? `cursor-dot line c${k + 1}` : "cursor-dot");
      });
    }
    live.textContent = at === null ? still : said(at);
  };
  const step = (by) => {
    const here = places.indexOf(at ?? last);
    show(places[Math.min(Math.max(here + by, 0), places.length - 1)]);
  };
  const year = (by) => {
    const wanted = held.days[at ?? last] + by * 364;
    show(places.reduce((best, one) => (Math.abs(held.days[one] - wanted) < Math.abs(held.days[best] - wanted) ? one : best)));
  };
  const keys = {
    ArrowLeft: () => step(-1), ArrowRight: () => step(1), ArrowDown: () => step(-1), ArrowUp: () => step(1),
    PageUp: () => year(-1), PageDown: () => year(1), Home: () => show(places[0]), End: () => show(last),
    Escape: () => { show(null); plot.blur(); },
  };
  const hint = document.createElement("p");
  hint.className = "keys";
  hint.id = `keys-${Math.random().toString(36).slice(2, 8)}`;
  hint.textContent = held.words.keys;
  const short = document.createElement("p");
  short.className = "short";
  short.setAttribute("aria-hidden", "true");
  short.textContent = "\u2190 \u2192  PgUp PgDn  Home End  Esc";
  plot.append(hint, short);
  plot.tabIndex = 0;
  plot.setAttribute("role", "application");
  plot.setAttribute("aria-roledescription", held.words.role);
  plot.setAttribute("aria-label", figure.querySelector(".chart-title").textContent);
  plot.setAttribute("aria-describedby", hint.id);
  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  plot.addEventListener("focus", () => { if (at === null && plot.matches(":focus-visible")) show(last); });
  const point = (event) => {
    const picture = [...plot.querySelectorAll("svg[data-x]")].find((one) => one.getBoundingClientRect().width > 0);
    if (!picture) return;
    const box = picture.getBoundingClientRect();
    const [left, right, first, end] = picture.dataset.x.split(" ").map(Number);
    const x = ((event.clientX - box.left) / box.width) * picture.viewBox.baseVal.width;
    const day = first + ((x - left) / (right - left)) * (end - first);
    const best = places.reduce((a, b) => (Math.abs(held.days[b] - day) < Math.abs(held.days[a] - day) ? b : a));
    if (best !== at) show(best);
  };
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", point);
  plot.addEventListener("pointerleave", () => { if (document.activeElement !== plot) show(null); });
};

// The picture as PNG, twice as large, drawn from the same SVG that the link beside it gives.
const png = (figure, held, tools) => {
  const link = [...tools.querySelectorAll("a")].find((one) => one.pathname.endsWith("chart.svg"));
  if (!link) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = held.words.png;
  button.addEventListener("click", async () => {
    const answer = await fetch(link.href);
    if (!answer.ok) { location.assign(link.href); return; }
    const source = URL.createObjectURL(new Blob([await answer.text()], { type: "image/svg+xml" }));
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * 2;
    canvas.height = image.naturalHeight * 2;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(source);
    canvas.toBlob((blob) => {
      const saved = document.createElement("a");
      saved.href = URL.createObjectURL(blob);
      saved.download = `${held.name}.png`;
      saved.click();
      setTimeout(() => URL.revokeObjectURL(saved.href), 1000);
    }, "image/png");
  });
  link.after(" ", button);
};

// Apache ECharts, when a reader asks for it; if it can't be had, the still picture stays.
const interactive = (figure, held, tools) => {
  const plot = figure.querySelector(".plot"), button = document.createElement("button");
  let close = null;
  button.type = "button";
  button.textContent = held.words.open;
  button.setAttribute("aria-expanded", "false");
  const look = () => {
    const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const several = held.lines.length > 1;
    return {
      hues: several ? [1, 2, 3, 4, 5, 6].map((k) => colour(`c${k}`)) : [colour("indigo")],
      dashes: several ? ["solid", [7, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 4]] : ["solid"],
      ink: colour("ink"), soft: colour("soft"), rule: colour("rule"), raised: colour("raised"),
      amber: colour("amber"), amberGround: colour("amber-ground"), filler: `${colour("indigo")}33`,
      font: getComputedStyle(document.body).fontFamily,
    };
  };
  figure.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !close) return;
    button.click();
    button.focus();
  });
  button.addEventListener("click", async () => {
    if (close) {
      close();
      close = null;
    } else {
      const room = document.createElement("div");
      room.className = "live";
      room.setAttribute("aria-hidden", "true");
      try {
        const library = await import(own.dataset.library);
        plot.hidden = true;
        plot.after(room);
        const away = library.draw(room, held, look());
        close = () => { away(); room.remove(); plot.hidden = false; };
      } catch {
        room.remove();
        plot.hidden = false;
        figure.querySelector(".reading").textContent = held.words.failed;
        button.remove();
        return;
      }
    }
    button.textContent = close ? held.words.close : held.words.open;
    button.setAttribute("aria-expanded", String(Boolean(close)));
  });
  tools.prepend(button, " ");
};

for (const figure of document.querySelectorAll("figure.chart[data-points]")) {
  const held = JSON.parse(figure.dataset.points), tools = figure.querySelector(".tools");
  cursor(figure, held);
  png(figure, held, tools);
  if (own) interactive(figure, held, tools);
}
