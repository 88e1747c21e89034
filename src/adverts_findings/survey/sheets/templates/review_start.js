// The first screen: who labels, whether they are blind, and where they go on.

const BLIND_ROUND = 2;

let isOwnWord = false;  // whether they ticked on this screen what they saw

const typedName = () => tidy(one("name").value).replace(/\p{C}+/gu, "").trim();

/** Return whether “Yes” is ticked; null if neither is. */
function ticked() {
  const word = new FormData(one("who")).get("saw");
  return word === null ? null : word === "yes";
}

/** Tick what a person of the typed name said before, so that nobody is asked twice. */
function recall() {
  if (isOwnWord) return;
  const { saw } = keptOrNothing(typedName());
  for (const radio of one("who").elements.saw) radio.checked = saw === (radio.value === "yes");
  show("recalled", saw !== null);
}

function tick() {
  isOwnWord = true;
  show("recalled", false);
}

/** Take down who labels; return whether there is a name. */
function identify() {
  show("known", false);
  reviewer = typedName();
  if (reviewer === "") return refuse("Please type your name or initials.");
  one("refusal").hidden = true;
  return true;
}

/** Take down whether the reviewer saw others’ answers; return whether they may label here. */
function takeWord(saw) {
  if (saw === null) {
    return refuse("Please say whether you have seen another person’s answers or scores.");
  }
  if (saw && SHEET.round === BLIND_ROUND) {
    return refuse("These adverts need a person who has seen no answers and no scores for them, " +
      "so your answers could not be used. Please give this page to somebody else.");
  }
  sawOthers = saw;
  return true;
}

/** Return whether the reviewer may label here, or labelled in an earlier round. */
async function isNew() {
  if (SHEET.earlier.length === 0) return true;
  if (!globalThis.crypto?.subtle) {
    return refuse("This browser cannot check who labelled before. Open the page in another one.");
  }
  if (!SHEET.earlier.includes(await hashed(person(reviewer)))) return true;
  return refuse(
    `${reviewer} labelled these adverts in an earlier round; another person has to look now.`);
}

/** Return the hash of a name, as the program that wrote the page makes it. */
async function hashed(name) {
  const bytes = (text) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey("raw", bytes(name), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256",
    salt: bytes(SHEET.sample), iterations: SHEET.hashings }, key, 256);
  return [...new Uint8Array(bits)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function refuse(reason) {
  one("refusal").textContent = reason;
  one("refusal").hidden = false;
  return false;
}

function show(id, shown) {
  one(id).hidden = !shown;
  if (id === "known") one("begin").hidden = shown;
}

async function begin(event) {
  event.preventDefault();
  if (!identify() || !takeWord(ticked()) || !await isNew() || isStarted()) return;
  try {
    const found = kept(reviewer);
    const count = [...found.answers.values()].filter(({ label }) => label).length;
    if (found.answers.size === 0) return enter(found);
    one("known-count").textContent = `${count} of ${TOTAL}`;
    show("known", true);
    one("go-on").focus();
  } catch (error) {
    refuse(error.message);
  }
}

function refuseOther() {
  show("known", false);
  refuse("Please type another name, for example your full name, and start.");
  one("name").value = "";
  recall();
  one("name").focus();
}

function chooseFile() {
  if (!one("name").reportValidity() || !identify()) return;
  if (ticked() === null || takeWord(ticked())) one("file").click();
}

async function readFile() {
  const [file] = one("file").files;
  if (!file) return;
  one("file").value = "";  // so that the same file can be chosen again
  try {
    if (!await isNew()) return;
    const { answers: read, saw } = fromCsv(await file.text(), reviewer);
    if (isStarted() || !takeWord(saw && !isOwnWord ? saw : ticked() ?? saw)) return;
    const found = keptOrNothing(reviewer);
    merge(found.answers, read);
    enter(found);
    say(`${read.size} answers and notes were read from the file.`);
  } catch (error) {
    refuse(error.message);
  }
}

/** Return whether the work began while something else was awaited. */
const isStarted = () => !one("work").hidden;

function enter(found) {
  ({ place, answers } = found);
  show("start", false);
  show("work", true);
  if (labelAt(place)) place = Math.max(0, nextOpen(place));
  goTo(place, openCount() === 0);
}
