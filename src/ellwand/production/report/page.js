"use strict";
(() => {
  const own = document.currentScript;
  const titles = JSON.parse(own.dataset.titles);
  const facts = JSON.parse(document.getElementById("figures").textContent);
  const quotes = facts.quotes;
  const space = "http://www.w3.org/2000/svg";
  const tags = { zh: "zh-Hans", en: "en" };
  const total = facts.order[0];

  // ---- the address holds the language and the place: #en, #en/2.1.03, #en/2.1.03/I00012.U0456
  const radios = [...document.querySelectorAll("input[name=language]")];
  const chosen = () => radios.find((radio) => radio.checked).value;
  const plain = (text) => { try { return decodeURIComponent(text); } catch { return ""; } };
  const parse = () => {
    const found = /^#(zh|en)(?:\/([^/]+))?(?:\/(.+))?$/.exec(location.hash);
    if (!found) return null;
    const code = plain(found[2] || ""), quote = plain(found[3] || "");
    return { language: found[1], code: code in facts.series ? code : null, quote };
  };
  const address = (language, code, quote) =>
    `#${language}` + (code === null ? "" : `/${encodeURIComponent(code)}`) + (quote ? `/${encodeURIComponent(quote)}` : "");
  const place = { code: null, quote: "" };

  // ---- figures in words
  const texts = (language) => facts.words[language].texts;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
  const say = (language, key, values = {}) => fill(texts(language)[key], values);
  const figure = (value, places, shown = places) => {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value) / 10 ** (places - shown);
    // Half away from zero; the tolerance keeps a half a half after the division.
    const whole = Math.floor(size + 0.5 + 1e-9);
    const text = (whole / 10 ** shown).toLocaleString("en", { minimumFractionDigits: shown, maximumFractionDigits: shown });
    return (value < 0 && whole > 0 ? "−" : "") + text;
  };
  const signed = (value, places, shown = places) => {
    const text = figure(value, places, shown);
    return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
  };
  const level = (value) => figure(value, facts.levelDigits);
  const percent = (value, language) =>
    value === null ? "–" : signed(value, facts.changeDigits) + facts.words[language].percent;
  const price = (value) => figure(value, 4, value !== null && Math.abs(value) < 10000 ? 4 : 2);
  const points = (value) => signed(value, 8, 5);
  const reading = (one, at, language) => {
    const said = say(language, "reading", {
      name: one[language], period: facts.words[language].periods[at], level: level(one.i[at]),
      change: percent(one.c[at], language),
    });
    if (one.l[at] === null || one.h[at] === null) return said;
    return say(language, "reading_band", { reading: said, low: level(one.i[at] + one.l[at]), high: level(one.i[at] + one.h[at]) });
  };

  // ---- elements
  const make = (name, attributes = {}, ...inside) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside.filter((one) => one !== null));
    return made;
  };
  const add = (parent, name, attributes, words) => {
    const made = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (words !== undefined) made.textContent = words;
    return parent.appendChild(made);
  };
  const arrow = (value, text, language, sure = true) => {
    if (value === null || !/[1-9]/.test(text)) return make("span", { class: "same" }, text);
    if (!sure) {
      return make("span", { class: "same" }, make("span", { class: "mark", "aria-hidden": "true" }, "≈"), text,
        make("span", { class: "hidden" }, ` ${say(language, "unclear")}`));
    }
    return make("span", { class: value > 0 ? "up" : "down" },
      make("span", { class: "mark", "aria-hidden": "true" }, value > 0 ? "▲" : "▼"), text);
  };
  const grade = (letter) => make("span", { class: `grade grade-${(letter || "").toLowerCase()}` }, letter || "–");
  const row = (head, ...cells) =>
    make("tr", {}, make("th", { scope: "row" }, head), ...cells.map((cell) => make("td", {}, cell)));
  const listing = (caption, heads, rows, feet, kind) => make("div", { class: `scroll ${kind}` },
    make("table", {}, make("caption", {}, caption),
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, ...rows), feet.length ? make("tfoot", {}, ...feet) : null));

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
        const x = left + ((facts.days[at] - first) / Math.max(last - first, 1)) * (right - left);
        const y = bottom + ((series().i[at] / 10 ** facts.levelDigits - low) / (high - low)) * (top - bottom);
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
      PageUp: () => move(-facts.year), PageDown: () => move(facts.year),
      Home: () => show(Math.max(series().i.findIndex((value) => value !== null), 0)), End: () => show(facts.last),
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

  // ---- the line of a class, its interval and the total's line
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
    const one = facts.series[code], whole = facts.series[total], unit = 10 ** facts.levelDigits;
    const real = (values) => values.map((value) => (value === null ? null : value / unit));
    const line = real(one.i), other = real(whole.i);
    const limit = (away) => one.i.map((value, i) => (value === null || away[i] === null ? null : (value + away[i]) / unit));
    const below = limit(one.l), above = limit(one.h);
    const seen = [line, other, below, above].flat().filter((value) => value !== null);
    plot.replaceChildren();
    if (!line.some((value) => value !== null)) return;
    const least = Math.min(...seen);
    const marks = steps(least, Math.max(Math.max(...seen), least + 0.1));
    const [low, high] = [marks[0], marks[marks.length - 1]];
    const places = Math.max(0, -Math.floor(Math.log10(marks[1] - marks[0]) + 1e-9));
    const [left, right, top, bottom] = [48, width - 62, 12, height - foot - band];
    const first = facts.days[0], last = facts.days[facts.days.length - 1];
    const x = (day) => left + ((day - first) / Math.max(last - first, 1)) * (right - left);
    const y = (value) => bottom + ((value - low) / (high - low)) * (top - bottom);
    const apart = facts.days.slice(1).map((day, i) => day - facts.days[i]);
    const hole = 1.5 * Math.min(...apart, Infinity);
    // A missing period is a gap and is never joined.
    const pieces = (values) => {
      const found = [];
      let before = null;
      values.forEach((value, i) => {
        if (value === null) return;
        if (before !== i - 1 || facts.days[i] - facts.days[i - 1] > hole) found.push([]);
        found[found.length - 1].push(i);
        before = i;
      });
      return found;
    };
    const at = (i, values) => `${x(facts.days[i]).toFixed(1)} ${y(values[i]).toFixed(1)}`;
    const path = (values) => pieces(values).map((piece) => `M${piece.map((i) => at(i, values)).join("L")}`).join("");
    const area = pieces(below.map((value, i) => (above[i] === null ? null : value))).map((piece) =>
      `M${[...piece.map((i) => at(i, above)), ...piece.reverse().map((i) => at(i, below))].join("L")}Z`).join("");
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
    if (area) add(picture, "path", { d: area, class: "interval" });
    if (code !== total) add(picture, "path", { d: path(other), class: "line other", "stroke-width": 1.5 });
    add(picture, "path", { d: path(line), class: "line main", "stroke-width": 2, "stroke-linejoin": "round" });
    const end = facts.last;
    if (line[end] !== null) {
      add(picture, "circle", { cx: x(facts.days[end]), cy: y(line[end]), r: 3.5, class: "indigo" });
      add(picture, "text", { x: x(facts.days[end]) + 9, y: y(line[end]) + 4.5, class: "indigo strong", "font-size": 13 }, level(one.i[end]));
    }
    const mark = add(picture, "g", { class: "cursor", visibility: "hidden" });
    add(mark, "path", { d: `M0 ${top}V${bottom}`, class: "cursor-line" });
    add(mark, "circle", { r: 5, class: "cursor-dot", "stroke-width": 2 });
  };

  // ---- down the tree: a class, its parts, its quotes, one quote
  const below = {};
  for (const code of facts.order) (below[facts.series[code].up] ||= []).push(code);
  const parts = (code) => below[code] || [];
  const rows = (code) => {
    const [first, last] = quotes.spans[code] || [0, 0];
    return Array.from({ length: last - first }, (_, i) => first + i);
  };
  const key = (k) => `${quotes.items[quotes.item[k]][0]}.${quotes.units[quotes.unit[k]][0]}`;
  const named = (entry, language) => entry[language === "zh" ? 1 : 2] || entry[0];
  const item = (k, language) => named(quotes.items[quotes.item[k]], language);
  const unit = (k, language) => named(quotes.units[quotes.unit[k]], language);
  const rule = (k, language) => (quotes.rule[k] === null ? "" : named(quotes.rules[quotes.rule[k]], language));
  const state = (k) => quotes.states[quotes.state[k]];
  const donor = (k, language) => (quotes.donor[k] === null ? "" : facts.words[language].donor[quotes.donors[quotes.donor[k]]]);
  const measure = (k, language) => {
    const name = quotes.items[quotes.item[k]][3];
    return say(language, "measure", { measure: quotes.measures[name][language === "zh" ? 0 : 1] });
  };
  const sum = (values) => values.reduce((all, value) => all + (value ?? 0), 0);

  const path = (code, chosenQuote, language) => {
    const steps_ = [];
    for (let one = code; one in facts.series; one = facts.series[one].up) steps_.unshift(one);
    const entries = steps_.map((one, i) => {
      const here = i === steps_.length - 1 && chosenQuote === null;
      return make("li", {}, here
        ? make("span", { "aria-current": "page" }, facts.series[one][language])
        : make("a", { href: address(language, one) }, facts.series[one][language]));
    });
    if (chosenQuote !== null) {
      entries.push(make("li", {}, make("span", { "aria-current": "page" }, item(chosenQuote, language))));
    }
    return entries;
  };
  const about = (code, language) => {
    const one = facts.series[code], at = facts.last;
    const change = [arrow(one.c[at], percent(one.c[at], language), language, one.sure)];
    if (one.c[at] !== null && one.cl !== null && one.ch !== null) {
      change.push(make("small", {}, say(language, "interval_text", { low: percent(one.cl, language), high: percent(one.ch, language) })));
    }
    const pair = (name, ...inside) => make("div", {}, make("dt", {}, say(language, name)), make("dd", {}, ...inside));
    return [
      pair("level", level(one.i[at])), pair("previous", ...change), pair("contribution", points(one.pl)),
      pair("weight", figure(one.w, 4, 2)), pair("grade", grade(one.g)), pair("count_quotes", one.q.toLocaleString("en")),
    ];
  };
  // The feet of a table: the sum of what is listed, the class's own figure and, where they differ, why.
  const feet = (code, listed, label, before, after, language) => {
    const one = facts.series[code];
    const blank = (count) => Array(count).fill("");
    const line = (head, value) => row(head, ...blank(before), points(value), ...blank(after));
    const known = listed.filter((value) => value !== null);
    const found = [];
    if (known.length) found.push(line(label, sum(known)));
    if (one.pl === null) return found;
    const rest = one.pl - sum(known);
    if (Math.abs(rest) > 100 && (known.length || facts.stateCodes[one.s[facts.last]] === "imputed")) {
      const hidden = parts(code).some((part) => facts.series[part].pl === null);
      const why = hidden ? "difference_hidden" : known.length ? "difference" : "difference_imputed";
      found.push(line(say(language, why), rest));
    }
    found.push(line(say(language, "own_figure", { name: one[language] }), one.pl));
    return found;
  };
  const partsTable = (code, language) => {
    const codes = parts(code), at = facts.last;
    const made = codes.map((part) => {
      const one = facts.series[part];
      return row(make("a", { href: address(language, part), class: "name" }, one[language]),
        figure(one.w, 4, 2), level(one.i[at]), arrow(one.c[at], signed(one.c[at], facts.changeDigits), language, one.sure),
        points(one.pl), one.q.toLocaleString("en"), grade(one.g));
    });
    const ends = feet(code, codes.map((part) => facts.series[part].pl), say(language, "sum_parts"), 3, 2, language);
    return listing(say(language, "parts_caption", { name: facts.series[code][language] }),
      facts.words[language].partHeads, made, ends, "parts");
  };
  const quotesTable = (code, open, language) => {
    if (quotes.hidden.includes(code)) return make("p", { class: "sub" }, say(language, "hidden_quotes"));
    const size = (k) => (quotes.points[k] === null ? -1 : Math.abs(quotes.points[k]));
    const found = rows(code).sort((a, b) => size(b) - size(a) || a - b);
    if (!found.length && facts.series[code].pl === null) return make("p", { class: "sub" }, say(language, "no_quotes"));
    const made = found.flatMap((k) => {
      const shown = k === open;
      const head = make("span", {}, make("a", {
        href: address(language, code, shown ? "" : key(k)), class: "name", "aria-expanded": shown,
      }, item(k, language)),
        " ", make("code", {}, quotes.items[quotes.item[k]][0]),
        make("small", {}, unit(k, language), " ", make("code", {}, quotes.units[quotes.unit[k]][0])));
      const helped = quotes.donor[k] === null ? "" : say(language, "donors_text", { donors: quotes.count[k], donor: donor(k, language) });
      const line = row(head, make("span", {}, price(quotes.price[k] ?? quotes.quoted[k]), make("small", {}, measure(k, language))),
        price(quotes.before[k]), arrow(quotes.change[k], signed(quotes.change[k], 2), language),
        points(quotes.points[k]), facts.words[language].status[state(k)], rule(k, language) || "–", helped || "–");
      line.dataset.key = key(k);
      line.toggleAttribute("data-chosen", shown);
      if (quotes.price[k] === null) line.className = "unused";
      if (!shown) return line;
      // The words stand under the row that they explain.
      const said = make("div", { class: "quote", tabindex: -1 }, make("p", {}, story(k, language)));
      said.addEventListener("keydown", (event) => {
        if (event.key === "Escape") location.hash = address(language, code);
      });
      return [line, make("tr", { class: "story" }, make("td", { colspan: 8 }, said))];
    });
    const ends = feet(code, found.map((k) => quotes.points[k]),
      say(language, "sum_quotes", { count: found.filter((k) => quotes.points[k] !== null).length }), 3, 3, language);
    return listing(say(language, "quotes_caption", { name: facts.series[code][language] }),
      facts.words[language].quoteHeads, made, ends, "quotes");
  };
  const story = (k, language) => {
    const head = state(k)[0];
    const values = {
      unit: unit(k, language), price: figure(quotes.price[k], 4, 2), quoted: figure(quotes.quoted[k], 4, 2),
      measure: measure(k, language), rule: rule(k, language), donors: quotes.count[k], donor: donor(k, language),
      before: figure(quotes.before[k], 4, 2), change: quotes.change[k] === null ? "–" : signed(quotes.change[k], 2) + facts.words[language].percent,
      points: points(quotes.points[k]),
    };
    const said = [`story_${head}`];
    if ("XI".includes(head) && quotes.donor[k] !== null && quotes.price[k] !== null) said.push("story_imputed");
    if (head === "O" && quotes.rule[k] !== null) {
      const fine = { confirmed: "story_confirmed", review: "story_review" };
      said.push(fine[quotes.rules[quotes.rule[k]][0]] ?? "story_queried");
    }
    if (quotes.price[k] !== null && quotes.before[k] !== null) said.push("story_compared");
    if (quotes.points[k] !== null) said.push("story_points");
    else if (quotes.before[k] === null || quotes.price[k] === null) said.push("story_nothing");
    return said.map((one) => say(language, one, values)).join(language === "zh" ? "" : " ");
  };

  const frames = [...document.querySelectorAll(".explorer")].map((frame) => {
    const language = frame.closest("main").lang.slice(0, 2);
    const find = (selector) => frame.querySelector(selector);
    const [choose, plot] = [find("select"), find(".plot")];
    plot.dataset.series = total;
    const show = cursor(plot, find(".reading"), language);
    frame.hidden = false;
    choose.addEventListener("change", () => { location.hash = address(language, choose.value); });
    const render = () => {
      const code = place.code ?? total, one = facts.series[code];
      const chosenQuote = rows(code).find((k) => key(k) === place.quote) ?? null;
      choose.value = code;
      find(".path ol").replaceChildren(...path(code, chosenQuote, language));
      find(".class-name").replaceChildren(one[language], " ", make("code", {}, code));
      find(".class-facts").replaceChildren(...about(code, language));
      const leaf = !parts(code).length;
      find(".below").replaceChildren(leaf ? quotesTable(code, chosenQuote, language) : partsTable(code, language));
      find(".below").setAttribute("aria-label", say(language, leaf ? "quotes" : "parts"));
      plot.dataset.series = code;
      plot.setAttribute("aria-label", one[language]);
      draw(plot, code, language);
      show(null);
      const made = facts.periods.map((period, i) => row(period, level(one.i[i]),
        one.l[i] === null ? "–" : level(one.i[i] + one.l[i]), one.h[i] === null ? "–" : level(one.i[i] + one.h[i]),
        one.c[i] === null ? "–" : signed(one.c[i], facts.changeDigits), signed(one.p[i], 3),
        one.m[i].toLocaleString("en"), one.x[i].toLocaleString("en"), facts.states[language][one.s[i]]));
      find("details tbody").replaceChildren(...made.slice(0, facts.last + 1).reverse());
    };
    const visit = (was) => {
      // To the words of a quote, back to the row that was left, or to the head of a class.
      const said = find(".quote");
      const left = was ? [...frame.querySelectorAll("tr[data-key]")].find((one) => one.dataset.key === was) : undefined;
      (said || left?.querySelector("a") || find(".class-name")).focus({ preventScroll: true });
      if (said || left) (said || left).scrollIntoView({ block: "nearest" });
      else find(".path").scrollIntoView({ block: "start" });
    };
    matchMedia("(min-width: 641px)").addEventListener("change", () => draw(plot, place.code ?? total, language));
    for (const name of frame.closest("main").querySelectorAll(".name[data-series]")) {
      name.replaceWith(make("a", { href: address(language, name.dataset.series), class: "name" }, name.textContent));
    }
    return { language, render, visit };
  });

  // ---- language and place: the style sheet switches, the script keeps title, language and address in step
  const settle = () => {
    document.documentElement.lang = tags[chosen()];
    document.title = titles[chosen()];
    frames.find((frame) => frame.language === chosen()).render();
  };
  const arrive = () => {
    const asked = parse();
    if (!asked) return;
    const was = place.quote;
    radios.forEach((radio) => { radio.checked = radio.value === asked.language; });
    [place.code, place.quote] = [asked.code, asked.quote];
    settle();
    if (asked.code !== null) frames.find((frame) => frame.language === chosen()).visit(was);
  };
  radios.forEach((radio) => radio.addEventListener("change", () => {
    try { history.replaceState(null, "", address(radio.value, place.code, place.quote)); } catch { /* a stored file may not rewrite its address */ }
    settle();
  }));
  addEventListener("hashchange", arrive);
  if (parse()) arrive();
  else {
    const wanted = (navigator.language || "").startsWith("zh") ? "zh" : "en";
    radios.forEach((radio) => { radio.checked = radio.value === wanted; });
    settle();
  }

  // ---- a link to a folded table opens it; printing opens all
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const folded = link && document.getElementById(link.hash.slice(1))?.closest("details");
    if (folded) folded.open = true;
  });
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
})();
