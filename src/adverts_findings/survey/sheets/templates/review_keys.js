// Keys and buttons, and how the page is put together.

const KEYS = "123456789abcdefghijklmopqrtvwxyz";  // n, s and u have meanings of their own
const ACTIONS = { u: () => give(SHEET.unsure), s: save, n: () => one("note").focus(),
  "?": () => one("help").showModal(), Backspace: goBack, ArrowLeft: goBack, ArrowRight: goOn };
const WHEN_DONE = ["s", "?", "Backspace", "ArrowLeft"];

/** Return the key as it is named on the page, on any keyboard: also ١, Ф and the 1 of AZERTY. */
function keyOf(event) {
  if (/^[\w?]$/.test(event.key)) return event.key.toLowerCase();
  const [, digit, letter] = /^(?:Digit|Numpad)(\d)$|^Key([A-Z])$/.exec(event.code) ?? [];
  if (digit) return digit;
  if (letter && event.key > "\x7f" && event.key.length === 1) return letter.toLowerCase();
  return event.key === "؟" ? "?" : event.key;
}

function press(event) {
  if (one("work").hidden || one("help").open || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || !one("keys-on").checked) return;
  if (event.target === one("note")) return leaveNote(event);
  const key = keyOf(event);
  const action = Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : answerFor(key);
  if (!action) return;
  event.preventDefault();
  if (event.repeat || (isDone() && !WHEN_DONE.includes(key))) return;
  action();
}

function answerFor(key) {
  const choice = key.length === 1 ? shownChoices()[KEYS.indexOf(key)] : undefined;
  return choice && (() => give(choice.label));
}

function leaveNote(event) {
  if (event.key === "Enter" || event.key === "Escape") one("place").focus();
}

/** Return the answers with keys of their own; “unsure” has the last place, whatever the sheet. */
function shownChoices() {
  return SHEET.choices.filter(({ label }) => label !== SHEET.unsure);
}

function buttonFor(label, definition, key) {
  const button = made("button", "");
  button.type = "button";
  button.className = label === SHEET.unsure ? "choice unsure" : "choice";
  button.value = label;
  button.append(made(key ? "kbd" : "i", (key ?? "").toUpperCase()), made("b", plain(label)),
    ...(definition ? [made("span", definition)] : []));
  if (key) button.setAttribute("aria-keyshortcuts", key);
  button.addEventListener("click", () => give(label));
  return button;
}

function build() {
  const unsure = SHEET.choices.find(({ label }) => label === SHEET.unsure);
  one("choices").append(
    ...shownChoices().map(({ label, definition }, i) => buttonFor(label, definition, KEYS[i])),
    buttonFor(SHEET.unsure, unsure?.definition || "You cannot tell.", "u"));
  one("label").classList.toggle("many", SHEET.choices.length > 8);
  document.querySelectorAll(".total").forEach((part) => { part.textContent = adverts(TOTAL); });
  one("question").textContent = `${plain(SHEET.task)}: which answer fits best?`;
  one("part").max = TOTAL;
  const clicks = { "go-on": () => enter(keptOrNothing(reviewer)), "not-mine": refuseOther,
    "open-file": chooseFile, "save-now": save, save, "save-all": save, "help-button": ACTIONS["?"],
    back: goBack, "look-back": goBack, next: goOn };
  for (const [id, act] of Object.entries(clicks)) one(id).addEventListener("click", act);
  one("who").addEventListener("submit", begin);
  one("who").addEventListener("input", () => show("known", false));  // another name, another person
  one("name").addEventListener("input", recall);
  one("who").elements.saw.forEach((radio) => radio.addEventListener("change", tick));
  one("file").addEventListener("change", readFile);
  one("note").addEventListener("input", () => change({ note: tidy(one("note").value) }));
  one("help").addEventListener("close", () => one(isDone() ? "done-title" : "place").focus());
  document.addEventListener("keydown", press);
  addEventListener("beforeunload", warnOnLeaving);
  warnIfNotKept();
}

build();
