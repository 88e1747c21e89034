"use strict";
// Searches, filters and sorts the campaigns of this file. It loads nothing and keeps nothing.
(() => {
  const PAGE = 100;
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const count = data.name.length;
  const body = byId("rows");
  const fields = ["search", "platform", "language", "week", "least", "most", "growth", "doubt", "shared", "sort"];
  const numbers = new Intl.NumberFormat("en");
  let found = [];
  let start = 0;

  const day = (days) => (days === null ? "not known" : new Date(days * 864e5).toISOString().slice(0, 10));
  const change = (row) => data.recent[row] - data.before[row];
  const chance = (row) => (data.chance[row] === null ? -1 : data.chance[row]);
  const late = (row) => (data.last[row] === null ? -1e9 : data.last[row]);
  const early = (row) => (data.first[row] === null ? 1e9 : data.first[row]);
  const ORDERS = {
    adverts: (a, b) => data.adverts[b] - data.adverts[a],
    accounts: (a, b) => data.accounts[b] - data.accounts[a],
    last: (a, b) => late(b) - late(a),
    first: (a, b) => early(a) - early(b),
    newest: (a, b) => (early(b) === 1e9 ? -1e9 : early(b)) - (early(a) === 1e9 ? -1e9 : early(a)),
    growth: (a, b) => change(b) - change(a),
    sure: (a, b) => chance(b) - chance(a),
    doubt: (a, b) => (chance(a) < 0 ? 2 : chance(a)) - (chance(b) < 0 ? 2 : chance(b)),
    name: (a, b) => (data.name[a] < data.name[b] ? -1 : 1),
  };
  const GROWTH = {
    more: (row) => change(row) > 0,
    fewer: (row) => change(row) < 0 && data.recent[row] > 0,
    none: (row) => data.recent[row] === 0,
    only: (row) => data.recent[row] > 0 && data.recent[row] === data.adverts[row],
  };
  const DOUBT = {
    high: (c) => c >= 0.95,
    middle: (c) => c >= 0.55 && c < 0.95,
    low: (c) => c >= 0 && c < 0.55,
    unknown: (c) => c < 0,
  };

  const named = (word) => {
    const digits = /^c0*([0-9]{1,12})$/.exec(word);
    return digits ? "c" + digits[1].padStart(6, "0") : word;
  };
  const lower = (names) => names.map((one) => one.toLowerCase());
  const platformNames = lower(data.platforms);
  const languageNames = lower(data.languages);
  const holds = (names, pairs, word) => {
    for (let i = 0; i < pairs.length; i += 2) if (names[pairs[i]].includes(word)) return true;
    return false;
  };
  const listed = (pairs, place) => {
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === place) return true;
    return false;
  };
  const matches = (row, words) =>
    words.every((word) =>
      data.name[row] === named(word) || (word.length > 1 && data.name[row].includes(word)) ||
      (Object.hasOwn(data.former, named(word)) && data.former[named(word)] === data.name[row]) ||
      holds(platformNames, data.platform[row], word) || holds(languageNames, data.language[row], word));

  const asked = () => Object.fromEntries(fields.map((id) => [id, byId(id).value]));
  const whole = (text, otherwise) => (text.trim() === "" || Number.isNaN(Number(text)) ? otherwise : Number(text));

  function choose() {
    const now = asked();
    const words = now.search.toLowerCase().split(/[\s,]+/).filter(Boolean);
    const least = whole(now.least, 0);
    const most = whole(now.most, Infinity);
    found = [];
    for (let row = 0; row < count; row += 1) {
      if (data.adverts[row] < least || data.adverts[row] > most) continue;
      if (now.platform !== "" && !listed(data.platform[row], Number(now.platform))) continue;
      if (now.language !== "" && !listed(data.language[row], Number(now.language))) continue;
      if (now.week !== "" && !data.weeks[row].includes(Number(now.week))) continue;
      if (now.growth !== "" && !GROWTH[now.growth](row)) continue;
      if (now.doubt !== "" && !DOUBT[now.doubt](chance(row))) continue;
      if (now.shared !== "" && String(data.shared[row]) !== now.shared) continue;
      if (!matches(row, words)) continue;
      found.push(row);
    }
    if (now.sort !== "adverts") found.sort((a, b) => ORDERS[now.sort](a, b) || a - b);
    start = 0;
    show(words);
  }

  function show(words) {
    const rows = found.slice(start, start + PAGE).map(line);
    body.replaceChildren(...rows);
    const end = Math.min(start + PAGE, found.length);
    let told = `${numbers.format(found.length)} of ${numbers.format(count)} campaigns`;
    if (found.length > PAGE) told += `; ${numbers.format(start + 1)} to ${numbers.format(end)} are shown`;
    for (const word of words || []) {
      const now = Object.hasOwn(data.former, named(word)) ? data.former[named(word)] : null;
      if (now) told += `. ${named(word)} is now ${now}`;
    }
    byId("found").textContent = `${told}.`;
    byId("moves").hidden = found.length <= PAGE;
    byId("back").disabled = start === 0;
    byId("on").disabled = end >= found.length;
  }

  function cell(text, label, kind) {
    const made = document.createElement("td");
    made.className = kind || "";
    made.dataset.of = label;
    if (typeof text === "string") made.textContent = text;
    else made.append(...text);
    return made;
  }

  function dated(days) {
    const made = document.createElement("span");
    made.className = "day";
    made.textContent = day(days);
    return made;
  }

  function counted(names, pairs) {
    const parts = [];
    for (let i = 0; i < pairs.length && i < 4; i += 2) {
      const name = document.createElement("bdi");
      name.textContent = names[pairs[i]] || "not known";
      if (parts.length) parts.push(", ");
      parts.push(name, ` ${numbers.format(pairs[i + 1])}`);
    }
    if (pairs.length > 4) parts.push(` and ${numbers.format(pairs.length / 2 - 2)} more`);
    return parts;
  }

  function line(row) {
    const made = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    const name = data.name[row];
    if (data.page[row]) {
      const link = document.createElement("a");
      link.href = `${name}.html`;
      link.textContent = name;
      head.append(link);
    } else {
      const how = document.createElement("small");
      const code = document.createElement("code");
      code.textContent = `campaign=${name}`;
      how.append(code);
      head.append(name, how);
    }
    const shared = data.shared[row] === null ? "not known" : data.shared[row] ? "yes" : "no";
    made.append(
      head,
      cell(numbers.format(data.adverts[row]), "Adverts", "n"),
      cell(numbers.format(data.accounts[row]), "Accounts", "n"),
      cell([dated(data.first[row]), " to ", dated(data.last[row])], "First and last seen", "wide"),
      cell(`${numbers.format(data.recent[row])} (${numbers.format(data.before[row])})`, "Last 4 weeks (before)", "n"),
      cell(counted(data.platforms, data.platform[row]), "Platforms", "wide"),
      cell(counted(data.languages, data.language[row]), "Languages"),
      cell(data.wordings[data.words[row]], "Probability"),
      cell(shared, "Exported"),
    );
    return made;
  }

  function options(select, names) {
    names.forEach((name, place) => {
      const made = document.createElement("option");
      made.value = String(place);
      made.textContent = name || "not known";
      select.append(made);
    });
  }

  function move(by) {
    start = Math.max(0, start + by);
    show();
    byId("campaigns-title").scrollIntoView();
    byId("found").focus();
  }

  options(byId("platform"), data.platforms);
  options(byId("language"), data.languages);
  options(byId("week"), data.weekNames);
  for (const id of fields) byId(id).addEventListener("input", choose);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", () => setTimeout(choose));
  byId("back").addEventListener("click", () => move(-PAGE));
  byId("on").addEventListener("click", () => move(PAGE));
  byId("filters").hidden = false;
  byId("without-script").hidden = true;
  choose();
})();
