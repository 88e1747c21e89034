// One advert at a time: what is shown, what an answer changes, and the file of all answers.

const TOTAL = SHEET.items.length;
const one = (id) => document.getElementById(id);
const plain = (label) => label.replaceAll("_", " ");
const adverts = (count) => `${count} ${count === 1 ? "advert" : "adverts"}`;

let reviewer = "";
let sawOthers = false;
let answers = new Map();
let place = 0;
let isKept = canKeep();
let unsaved = 0;  // changes since the last file
let savedAs = "";  // name of the last file, where nothing has changed since

const labelAt = (at) => answers.get(SHEET.items[at].name)?.label ?? "";
const countOf = (wanted) => SHEET.items.filter((_, at) => wanted(labelAt(at))).length;
const openCount = () => countOf((label) => label === "");
const isDone = () => !one("done").hidden;

function give(label) {
  const told = `${placeName()}: “${plain(label)}”. Press ← to change it.`;
  change({ label });
  const next = nextOpen(place);
  goTo(next < 0 ? place : next, next < 0);
  say(told);
}

/** Change the answer or the note of the advert on screen, and keep it. */
function change(changed) {
  const { name } = SHEET.items[place];
  const earlier = answers.get(name) ?? { label: "", note: "", at: "" };
  const now = new Date().toISOString();
  const at = now > earlier.at ? now : earlier.at;  // the clock may have been set back
  answers.set(name, { ...earlier, ...changed, at, saw: sawOthers });
  unsaved += 1;
  savedAs = "";
  isKept = keep(reviewer, { place, saw: sawOthers, answers });
  warnIfNotKept();
}

/** Hear of what another window kept. Windows that keep something at the same moment do not see each
 * other; whoever then misses an answer of their own there keeps those of both. */
addEventListener("storage", ({ key }) => {
  if (!reviewer || key !== entryOf(reviewer)) return;
  const found = keptOrNothing(reviewer).answers;
  const misses = [...answers].some(([name, own]) => !(found.get(name)?.at >= own.at));
  merge(answers, found);
  if (misses) isKept = keep(reviewer, { place, saw: sawOthers, answers });
});

/** Return the place of the next advert without an answer after `from`; -1 if all have one. */
function nextOpen(from) {
  for (let step = 1; step <= TOTAL; step += 1) {
    const at = (from + step) % TOTAL;
    if (labelAt(at) === "") return at;
  }
  return -1;
}

function goOn() {
  const next = nextOpen(place);
  if (next === place) return say("This is the last advert without an answer.");
  return goTo(next < 0 ? place : next, next < 0);
}

function goBack() {
  if (isDone()) return goTo(place, false);
  if (place === 0) return say("This is the first advert.");
  return goTo(place - 1, false);
}

function goTo(at, done) {
  place = at;
  isKept = keep(reviewer, { place, saw: sawOthers, answers });
  warnIfNotKept();
  show("label", !done);
  show("done", done);
  say("");
  draw();
  scrollTo(0, 0);
  one(done ? "done-title" : "place").focus();
}

function placeName() {
  return `Advert ${place + 1} of ${TOTAL}`;
}

function draw() {
  const item = SHEET.items[place];
  one("place").textContent = placeName();
  one("item").textContent = item.name;
  one("advert").replaceChildren(...partsOf(item));
  one("note").value = answers.get(item.name)?.note ?? "";
  for (const button of one("choices").children) {
    button.setAttribute("aria-pressed", String(button.value === labelAt(place)));
  }
  drawProgress();
}

function drawProgress() {
  const unsure = countOf((label) => label === SHEET.unsure);
  one("progress").textContent = `${TOTAL - openCount()} of ${TOTAL} answered · ${unsure} unsure`;
  one("part").value = TOTAL - openCount();
  const step = savedAs ? `Saved. Now hand in the file ${savedAs}` :
    "One more step: save your answers, and hand in the file";
  one("last-step").textContent = `${step} to the person who gave you this page.`;
}

const hasInk = (text) => /[^\s\p{Cc}\p{Cf}\u115f\u1160\u2800\u3164\uffa0]/u.test(text);

function partsOf(item) {
  const parts = [];
  if (hasInk(item.text)) parts.push(textOf(item.text, item.language));
  if (hasInk(item.picture_text)) {
    parts.push(made("h2", "Words in the picture"), textOf(item.picture_text, item.language));
  }
  if (item.pictures.length) parts.push(made("h2", "Picture, blurred"));
  parts.push(...item.pictures.map(pictureOf));
  return parts.length ? parts : [made("p", "This advert has no text and no picture.")];
}

function textOf(text, language) {
  const part = made("p", text);
  part.className = "said";
  part.dir = "auto";
  if (/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(language)) part.lang = language;
  return part;
}

function pictureOf(url) {
  if (url === null) return made("p", "A picture cannot be shown: its file is damaged.");
  const image = made("img", "");
  image.alt = "blurred picture";
  image.src = url;
  return image;
}

function made(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function say(text) {
  one("said").textContent = text;
}

/** Return the name of a file that is saved now: the next one does not have the same. */
function fileName() {
  const now = new Date();
  const time = [now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, "0"));
  const parts = [SHEET.name, String(SHEET.round), reviewer].map(inFileName).filter(Boolean);
  return `${[...parts, time.join("")].join("-")}.csv`;
}

function inFileName(part) {
  const allowed = part.replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-").replace(/^[.-]+|[.-]+$/g, "");
  return [...allowed].slice(0, 40).join("");
}

function save() {
  const file = new Blob([toCsv(answers, reviewer, sawOthers)], { type: "text/csv" });
  const link = made("a", "");
  link.href = URL.createObjectURL(file);
  link.download = fileName();
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  unsaved = 0;
  savedAs = link.download;
  warnIfNotKept();
  drawProgress();
  const left = openCount() ? ` ${adverts(openCount())} still without an answer.` : "";
  say(`Saved as ${savedAs}, in the folder for downloads.${left}`);
}

function warnIfNotKept() {
  one("alarm").hidden = isKept;
  one("save-now").hidden = unsaved === 0;
  one("save-now").textContent = `Save answers (${unsaved} changes not saved)`;
}

function warnOnLeaving(event) {
  if (unsaved && (!isKept || openCount() === 0)) event.preventDefault();
}
