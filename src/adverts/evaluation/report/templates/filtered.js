"use strict";
// Filters the items of this page and shows them in pages of 50. It loads nothing. What is asked is in the address.
(() => {
  const PAGE = 50;
  const byId = (id) => document.getElementById(id);
  const form = byId("filters");
  const typed = byId("typed");
  const selects = [...form.querySelectorAll("select[data-facet]")];
  const items = [...document.querySelectorAll("[data-facets]")];
  const facets = items.map((one) => JSON.parse(one.dataset.facets));
  const groups = [...document.querySelectorAll("[data-group]")].map((box) => [
    box, items.flatMap((one, place) => (box.contains(one) ? [place] : [])),
  ]);
  const numbers = new Intl.NumberFormat("en");
  const NOT_KNOWN = "";
  let texts = null; // of the items, folded; made when somebody types for the first time
  let found = [];
  let page = 0;
  let waiting = 0; // timer of an address that is written when typing rests

  // Invisible characters are dropped, and letters that look or mean the same are made one.
  const folded = (text) =>
    text.normalize("NFKC").toLowerCase().replace(/[\u00ad\u0640\u200b-\u200f\u2060\ufeff]/g, "")
      .replace(/[\u064a\u0649]/g, "\u06cc").replace(/\u0643/g, "\u06a9");
  const valuesOf = (place, name) => {
    const values = facets[place][name] || [];
    return values.length ? values : [NOT_KNOWN];
  };

  function textOf(item) {
    const copy = item.cloneNode(true);
    for (const one of copy.querySelectorAll("noscript")) one.remove();
    return folded(copy.textContent);
  }

  // Pictures are parts that only a page without scripts reads, until their item is shown.
  function draw(item) {
    for (const one of item.querySelectorAll("noscript")) {
      const made = new DOMParser().parseFromString(one.textContent, "text/html");
      one.replaceWith(...made.querySelectorAll("img"));
    }
  }

  function fill(select) {
    const counts = new Map();
    items.forEach((_, place) => {
      for (const one of valuesOf(place, select.dataset.facet)) counts.set(one, (counts.get(one) || 0) + 1);
    });
    const names = [...counts.keys()].sort((a, b) => (a === NOT_KNOWN) - (b === NOT_KNOWN) || (a < b ? -1 : 1));
    const add = (value, text) => {
      const made = document.createElement("option");
      made.value = value;
      made.textContent = text;
      made.dir = "auto";
      select.append(made);
    };
    add("", "all");
    for (const one of names) add(`=${one}`, `${one || "not known"} (${numbers.format(counts.get(one))})`);
    select.parentElement.hidden = names.length < 2;
  }

  function choose() {
    const words = folded(typed.value).split(/\s+/).filter(Boolean);
    if (words.length && texts === null) texts = items.map(textOf);
    const asked = selects.filter((one) => one.value !== "").map((one) => [one.dataset.facet, one.value.slice(1)]);
    found = [];
    for (let place = 0; place < items.length; place += 1) {
      if (!asked.every(([name, value]) => valuesOf(place, name).includes(value))) continue;
      if (words.every((word) => texts[place].includes(word))) found.push(place);
    }
  }

  function show() {
    page = Math.max(0, Math.min(page, Math.ceil(found.length / PAGE) - 1));
    const [start, end] = [page * PAGE, Math.min((page + 1) * PAGE, found.length)];
    const kept = new Set(found);
    const shown = new Set(found.slice(start, end));
    const mark = (element, places) => {
      const some = places.some((place) => shown.has(place));
      element.classList.toggle("out", !places.some((place) => kept.has(place)));
      element.classList.toggle("later", !some);
    };
    items.forEach((one, place) => mark(one, [place]));
    for (const place of shown) draw(items[place]);
    for (const [box, places] of groups) mark(box, places);
    const { thing, things } = form.dataset;
    let told = `${numbers.format(found.length)} of ${numbers.format(items.length)} ${items.length === 1 ? thing : things}`;
    if (found.length > PAGE) told += `; ${numbers.format(start + 1)} to ${numbers.format(end)} are shown`;
    byId("found").textContent = `${told}.`;
    byId("moves").hidden = found.length <= PAGE;
    byId("back").disabled = page === 0;
    byId("on").disabled = end >= found.length;
  }

  function address() {
    const said = new URLSearchParams();
    for (const one of selects) if (one.value !== "") said.set(one.dataset.facet, one.value.slice(1));
    if (typed.value.trim() !== "") said.set("words", typed.value.trim());
    if (page > 0) said.set("page", String(page + 1));
    return `#${said}`;
  }

  const isAsked = (hash) => hash === "" || hash === "#" || hash.includes("=");
  function write() {
    clearTimeout(waiting);
    waiting = 0;
    const now = address();
    if (now !== (location.hash || "#")) history.pushState(null, "", now);
  }

  function read() {
    clearTimeout(waiting);
    waiting = 0;
    if (!isAsked(location.hash)) return reveal();
    const said = new URLSearchParams(location.hash.slice(1));
    for (const one of selects) {
      const value = said.get(one.dataset.facet);
      one.value = value === null ? "" : `=${value}`;
      if (one.selectedIndex < 0) one.value = "";
    }
    typed.value = said.get("words") || "";
    page = Math.max(0, (Number.parseInt(said.get("page"), 10) || 1) - 1);
    choose();
    return show();
  }

  // A link within the page may lead to something that is on another page of the list, or filtered out.
  function reveal() {
    const target = document.getElementById(location.hash.slice(1));
    if (found.length === 0) choose();
    const inside = (place) => target !== null && (target.contains(items[place]) || items[place].contains(target));
    if (target !== null && target.closest(".out, .later")) {
      if (!found.some(inside)) clear();
      const at = found.findIndex(inside);
      if (at >= 0) page = Math.floor(at / PAGE);
    }
    show();
    if (target !== null) target.scrollIntoView();
  }

  function clear() {
    typed.value = "";
    for (const one of selects) one.value = "";
    page = 0;
    choose();
  }

  function changed() {
    page = 0;
    choose();
    show();
  }

  function move(by) {
    if (waiting) write();
    page += by;
    show();
    write();
    byId("found").scrollIntoView();
    byId("found").focus({ preventScroll: true });
  }

  selects.forEach(fill);
  typed.addEventListener("input", () => {
    changed();
    clearTimeout(waiting);
    waiting = setTimeout(write, 400);
  });
  for (const one of selects)
    one.addEventListener("input", () => {
      changed();
      write();
    });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    write();
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    clear();
    show();
    write();
  });
  byId("back").addEventListener("click", () => move(-1));
  byId("on").addEventListener("click", () => move(1));
  addEventListener("popstate", read);
  addEventListener("beforeprint", () => found.forEach((place) => draw(items[place])));
  form.hidden = false;
  byId("asked").hidden = false;
  byId("without-script").hidden = true;
  if (!isAsked(location.hash)) choose();
  read();
})();
