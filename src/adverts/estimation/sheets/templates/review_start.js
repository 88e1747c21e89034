// The first screen: who labels, whether they are blind, and where they go on.

const BLIND_ROUND = 2;

/** Take down who labels; return whether this person may start. */
function identify() {
  show("known", false);
  reviewer = tidy(one("name").value).replace(/\p{C}+/gu, "").trim();
  sawOthers = new FormData(one("who")).get("saw") === "yes";
  if (reviewer === "") return refuse("Please type your name or initials.");
  if (sawOthers && SHEET.round === BLIND_ROUND) {
    return refuse("These adverts need a person who has seen no answers and no scores for them, " +
      "so your answers could not be used. Please give this page to somebody else.");
  }
  one("refusal").hidden = true;
  return true;
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

function begin(event) {
  event.preventDefault();
  if (!identify()) return;
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
  one("name").focus();
}

function chooseFile() {
  if (one("who").reportValidity() && identify()) one("file").click();
}

async function readFile() {
  const [file] = one("file").files;
  if (!file) return;
  try {
    const read = fromCsv(await file.text(), reviewer);
    const found = keptOrNothing(reviewer);
    merge(found.answers, read);
    enter(found);
    say(`${read.size} answers and notes were read from the file.`);
  } catch (error) {
    refuse(error.message);
  }
  one("file").value = "";  // so that the same file can be chosen again
}

function enter(found) {
  ({ place, answers } = found);
  show("start", false);
  show("work", true);
  if (labelAt(place)) place = Math.max(0, nextOpen(place));
  goTo(place, openCount() === 0);
}
