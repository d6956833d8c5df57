"use strict";
(() => {
  const own = document.currentScript;
  const titles = JSON.parse(own.dataset.titles);
  const facts = JSON.parse(document.getElementById("figures").textContent);
  const space = "http://www.w3.org/2000/svg";
  const tags = { zh: "zh-Hans", en: "en" };

  // ---- language: the style sheet switches, the script keeps the document's language, title and address in step
  const radios = [...document.querySelectorAll("input[name=language]")];
  const chosen = () => radios.find((radio) => radio.checked).value;
  const settle = () => {
    document.documentElement.lang = tags[chosen()];
    document.title = titles[chosen()];
    document.querySelectorAll(".explorer").forEach((frame) => frame.dispatchEvent(new Event("show")));
  };
  const asked = location.hash.slice(1);
  const wanted = asked in tags ? asked : (navigator.language || "").startsWith("zh") ? "zh" : "en";
  radios.forEach((radio) => {
    radio.checked = radio.value === wanted;
    radio.addEventListener("change", () => {
      try { history.replaceState(null, "", "#" + radio.value); } catch { /* a stored file may not rewrite its address */ }
      settle();
    });
  });

  // ---- figures in words
  const figure = (value, digits) =>
    value === null ? "–" : (value / 10 ** digits).toFixed(digits).replace("-", "−");
  const signed = (value, digits) => (value > 0 ? "+" : "") + figure(value, digits);
  const percent = (value, language) =>
    value === null ? "–" : signed(value, 2) + (language === "zh" ? "%" : "\u202f%");
  const week = (period, language) => {
    const [year, number] = period.split("-W");
    return language === "zh" ? `${year}年第${+number}周` : `week ${+number} of ${year}`;
  };
  const reading = (one, at, language) =>
    facts.reading[language]
      .replace("{name}", one[language]).replace("{week}", week(facts.periods[at], language))
      .replace("{level}", figure(one.i[at], 2)).replace("{change}", percent(one.c[at], language));

  // ---- a cursor on a chart: pointer, arrows, Page keys by the year, Home and End, Esc
  const cursor = (plot, live, language) => {
    let at = null;
    const series = () => facts.series[plot.dataset.series];
    const valid = (position) => position >= 0 && position <= facts.last && series().i[position] !== null;
    const show = (position, speak = true) => {
      at = position;
      for (const picture of plot.querySelectorAll("svg[data-x]")) {
        const mark = picture.querySelector(".cursor");
        if (at === null) { mark.setAttribute("visibility", "hidden"); continue; }
        const [left, right, first, last] = picture.dataset.x.split(" ").map(Number);
        const [bottom, top, low, high] = picture.dataset.y.split(" ").map(Number);
        const x = left + ((facts.days[at] - first) / (last - first)) * (right - left);
        const y = bottom + ((series().i[at] / 100 - low) / (high - low)) * (top - bottom);
        mark.setAttribute("visibility", "visible");
        mark.querySelector("path").setAttribute("transform", `translate(${x} 0)`);
        mark.querySelector("circle").setAttribute("cx", x);
        mark.querySelector("circle").setAttribute("cy", y);
      }
      if (speak) live.textContent = reading(series(), at ?? facts.last, language);
    };
    const move = (by) => {
      let next = (at ?? facts.last) + by;
      const step = Math.sign(by) || 1;
      next = Math.min(Math.max(next, 0), facts.last);
      while (next > 0 && next < facts.last && !valid(next)) next += step;
      if (valid(next)) show(next);
    };
    const keys = {
      ArrowLeft: () => move(-1), ArrowRight: () => move(1), ArrowDown: () => move(-1), ArrowUp: () => move(1),
      PageUp: () => move(-52), PageDown: () => move(52),
      Home: () => show(series().i.findIndex((value) => value !== null)), End: () => show(facts.last),
      Escape: () => { show(null); plot.blur(); },
    };
    plot.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys)) return;
      event.preventDefault();
      keys[event.key]();
    });
    plot.addEventListener("focus", () => { if (at === null && plot.matches(":focus-visible")) show(facts.last); });
    const point = (event) => {
      const picture = [...plot.querySelectorAll("svg[data-x]")].find((one) => one.getBoundingClientRect().width > 0);
      if (!picture) return;
      const box = picture.getBoundingClientRect();
      const [left, right, first, last] = picture.dataset.x.split(" ").map(Number);
      const x = ((event.clientX - box.left) / box.width) * picture.viewBox.baseVal.width;
      const day = first + ((x - left) / (right - left)) * (last - first);
      let best = null;
      facts.days.forEach((one, i) => {
        if (valid(i) && (best === null || Math.abs(one - day) < Math.abs(facts.days[best] - day))) best = i;
      });
      if (best !== null && best !== at) show(best);
    };
    plot.addEventListener("pointermove", point);
    plot.addEventListener("pointerdown", point);
    plot.addEventListener("pointerleave", () => { if (document.activeElement !== plot) show(null); });
    return show;
  };
  for (const plot of document.querySelectorAll("figure > .plot")) {
    cursor(plot, plot.parentElement.querySelector(".reading"), plot.closest("main").lang.slice(0, 2));
  }

  // ---- any class: its line beside the total's and its figures
  const add = (parent, name, attributes, words) => {
    const made = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (words !== undefined) made.textContent = words;
    return parent.appendChild(made);
  };
  const steps = (low, high) => {
    const power = 10 ** Math.floor(Math.log10((high - low) / 4));
    const step = [1, 2, 5, 10].map((one) => one * power).find((one) => (high - low) / 4 <= one * 1.0000001);
    const marks = [];
    for (let i = Math.floor(low / step + 1e-9); i <= Math.ceil(high / step - 1e-9); i += 1) marks.push(i * step);
    return marks;
  };
  const draw = (plot, code, language) => {
    const wide = matchMedia("(min-width: 641px)").matches;
    const [width, height, foot] = wide ? [1040, 320, 26] : [342, 260, 26];
    const band = plot.dataset.amber ? 18 : 0;
    const one = facts.series[code];
    const total = facts.series[Object.keys(facts.series)[0]];
    const seen = [...one.i, ...total.i].filter((value) => value !== null).map((value) => value / 100);
    const marks = steps(Math.min(...seen), Math.max(Math.max(...seen), Math.min(...seen) + 0.1));
    const [low, high] = [marks[0], marks[marks.length - 1]];
    const places = Math.max(0, -Math.floor(Math.log10(marks[1] - marks[0]) + 1e-9));
    const [left, right, top, bottom] = [48, width - 62, 12, height - foot - band];
    const first = facts.days[0], last = facts.days[facts.days.length - 1];
    const x = (day) => left + ((day - first) / Math.max(last - first, 1)) * (right - left);
    const y = (value) => bottom + ((value - low) / (high - low)) * (top - bottom);
    const path = (values) => {
      let written = "", joined = false;
      values.forEach((value, i) => {
        if (value === null) { joined = false; return; }
        if (i > 0 && facts.days[i] - facts.days[i - 1] > 7) joined = false;
        written += `${joined ? "L" : "M"}${x(facts.days[i]).toFixed(1)} ${y(value / 100).toFixed(1)}`;
        joined = true;
      });
      return written;
    };
    plot.replaceChildren();
    const picture = add(plot, "svg", {
      viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": one[language],
      "data-x": `${left} ${right} ${first} ${last}`, "data-y": `${bottom} ${top} ${low} ${high}`,
    });
    for (const mark of marks) {
      add(picture, "path", { d: `M${left} ${y(mark)}H${right}`, class: "grid" });
      add(picture, "text", { x: left - 8, y: y(mark) + 4.5, class: "soft", "text-anchor": "end", "font-size": 13 }, mark.toFixed(places));
    }
    if (band) {
      add(picture, "rect", { x: left, y: bottom + 1, width: right - left, height: band, class: "amber-ground" });
      const times = wide ? 3 : 1;
      for (let i = 0; i < times; i += 1) {
        add(picture, "text", {
          x: left + ((right - left) * (2 * i + 1)) / (2 * times), y: bottom + band - 3.5, class: "amber",
          "text-anchor": "middle", "font-size": 13,
        }, plot.dataset.amber);
      }
    }
    let rod = `M${left} ${height - 25}H${right}`;
    const origin = Date.UTC(1970, 0, 1) / 864e5 - 719163;  // day 1 is 1 January of year 1
    const dated = (day) => new Date((day + origin) * 864e5);
    for (let year = dated(first).getUTCFullYear(); year <= dated(last).getUTCFullYear(); year += 1) {
      for (let month = 0; month < 12; month += 1) {
        const day = Date.UTC(year, month, 1) / 864e5 - origin;
        if (day >= first && day <= last) rod += `M${x(day)} ${height - 25}v${month ? 4 : 9}`;
      }
      const begin = Math.max(first, Date.UTC(year, 0, 1) / 864e5 - origin);
      const end = Math.min(last, Date.UTC(year, 11, 31) / 864e5 - origin);
      if (x(end) - x(begin) > 34) {
        add(picture, "text", { x: x((begin + end) / 2), y: height - 5, class: "soft", "text-anchor": "middle", "font-size": 13 }, year);
      }
    }
    add(picture, "path", { d: rod, class: "rod", fill: "none" });
    if (one !== total) add(picture, "path", { d: path(total.i), class: "line other", "stroke-width": 1.5 });
    add(picture, "path", { d: path(one.i), class: "line main", "stroke-width": 2, "stroke-linejoin": "round" });
    const end = facts.last;
    if (one.i[end] !== null) {
      add(picture, "circle", { cx: x(facts.days[end]), cy: y(one.i[end] / 100), r: 3.5, class: "indigo" });
      add(picture, "text", { x: x(facts.days[end]) + 9, y: y(one.i[end] / 100) + 4.5, class: "indigo strong", "font-size": 13 }, figure(one.i[end], 2));
    }
    const mark = add(picture, "g", { class: "cursor", visibility: "hidden" });
    add(mark, "path", { d: `M0 ${top}V${bottom}`, class: "cursor-line" });
    add(mark, "circle", { r: 5, class: "cursor-dot", "stroke-width": 2 });
  };
  for (const frame of document.querySelectorAll(".explorer")) {
    const language = frame.closest("main").lang.slice(0, 2);
    const [choose, plot, live] = [frame.querySelector("select"), frame.querySelector(".plot"), frame.querySelector(".reading")];
    plot.dataset.series = choose.value;
    const show = cursor(plot, live, language);
    const fill = () => {
      const one = facts.series[choose.value];
      plot.dataset.series = choose.value;
      plot.setAttribute("aria-label", one[language]);
      draw(plot, choose.value, language);
      show(null);
      const rows = facts.periods.map((period, i) => {
        const row = document.createElement("tr");
        const head = row.appendChild(document.createElement("th"));
        head.scope = "row";
        head.textContent = period;
        for (const value of [figure(one.i[i], 2), one.c[i] === null ? "–" : signed(one.c[i], 2),
          one.p[i] === null ? "–" : signed(one.p[i], 3), one.m[i], one.x[i], facts.states[language][one.s[i]]]) {
          row.appendChild(document.createElement("td")).textContent = value.toLocaleString("en");
        }
        return row;
      });
      frame.querySelector("tbody").replaceChildren(...rows.slice(0, facts.last + 1).reverse());
    };
    frame.hidden = false;
    frame.addEventListener("show", () => { if (frame.closest("main").offsetParent !== null) fill(); });
    choose.addEventListener("change", fill);
    matchMedia("(min-width: 641px)").addEventListener("change", fill);
    for (const name of frame.closest("main").querySelectorAll(".tree .name")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "name";
      button.textContent = name.textContent;
      button.addEventListener("click", () => {
        choose.value = name.dataset.series;
        fill();
        frame.scrollIntoView({ block: "start" });
        plot.focus({ preventScroll: true });
      });
      name.replaceWith(button);
    }
  }

  // ---- a link to a folded table opens it; printing opens all
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const folded = link && document.getElementById(link.hash.slice(1))?.closest("details");
    if (folded) folded.open = true;
  });
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  settle();
})();
