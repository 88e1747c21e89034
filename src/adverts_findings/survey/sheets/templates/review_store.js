// What this browser keeps, so that a closed page goes on where it stopped.
// Each reviewer has an entry of their own, and nothing on the page lists the names.

function entryOf(reviewer) {
  return `adverts-review ${SHEET.sample} ${SHEET.round} ${person(reviewer)}`;
}

/** Return whether this browser lets the page keep anything. */
function canKeep() {
  try {
    localStorage.setItem("adverts-review", "1");
    localStorage.removeItem("adverts-review");
    return true;
  } catch {
    return false;
  }
}

const nothing = () => ({ place: 0, saw: null, answers: new Map() });

/** Return what is kept of a reviewer: answers by advert, the place of the advert on screen, and
 * whether they said that they saw others’ answers; null if they have not said. */
function kept(reviewer) {
  let found = null;
  try {
    found = localStorage.getItem(entryOf(reviewer));
  } catch {
    // canKeep() has already said so
  }
  if (found === null) return nothing();
  try {
    const { place, saw, answers } = JSON.parse(found);
    const own = answers.filter(
      ([name, { label, note, at }]) => NAMES.has(name) && (label === "" || isChoice(label)) &&
        typeof note === "string" && typeof at === "string");
    return { place: SHEET.items[place] ? place : 0, saw: typeof saw === "boolean" ? saw : null,
      answers: new Map(own) };
  } catch {
    throw new Error("What this browser kept under this name is damaged. Use “Continue from a " +
      "file” with a file that you saved, or start under a slightly different name.");
  }
}

function keptOrNothing(reviewer) {
  try {
    return kept(reviewer);
  } catch {
    return nothing();
  }
}

/** Keep the answers of a reviewer, with those that another window of the page has kept since. */
function keep(reviewer, { place, saw, answers }) {
  merge(answers, keptOrNothing(reviewer).answers);
  try {
    localStorage.setItem(entryOf(reviewer), JSON.stringify({ place, saw, answers: [...answers] }));
    return true;
  } catch {
    return false;
  }
}

/** Take over each answer of `others` that is later than ours. */
function merge(answers, others) {
  for (const [name, other] of others) {
    const own = answers.get(name);
    if (own === undefined || other.at > own.at) answers.set(name, other);
  }
}
