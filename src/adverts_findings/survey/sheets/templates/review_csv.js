"use strict";
// Answers as the cells of a CSV file, and back.

const SHEET = JSON.parse(document.getElementById("sheet").textContent);
const NAMES = new Set(SHEET.items.map(({ name }) => name));
const LABEL = `label.${SHEET.task}`;
const COLUMNS = ["part", "cluster", "example", "adverts", "reason", LABEL, "note", "sample",
  "round", "reviewer", "reviewed_at", "saw_others"];

// The same rules as adverts.files.delimited, since the same program reads the cells.
const FORMULA = /^[=+\-@\t\r\n'＝＋－＠]/u;
const NUMBER = /^\p{Nd}[\p{Nd}.,:\/eE+\-]*$/u;
const INNER = /([,;\t\r\n|][\s"]*)('*[=+\-@＝＋－＠])/gu;
const INNER_GUARDED = /([,;\t\r\n|][\s"]*)'('*[=+\-@＝＋－＠])/gu;

/** Return a cell that no spreadsheet takes for a formula, a number or a date. */
function guarded(cell) {
  const inner = cell.replace(INNER, "$1'$2");
  return FORMULA.test(cell) || NUMBER.test(cell) ? `'${inner}` : inner;
}

/** Return the original text of a cell that guarded() returned. */
function unguarded(cell) {
  return cell.replace(/^'/, "").replace(INNER_GUARDED, "$1$2");
}

/** Return the file of all adverts, answered or not. */
function toCsv(answers, reviewer, sawOthers) {
  const rows = SHEET.items.map(({ name }) => {
    const { label = "", note = "", at = "", saw = sawOthers } = answers.get(name) ?? {};
    return [guarded(name), "", guarded(name), "1", SHEET.reason, guarded(label), guarded(note),
      guarded(SHEET.sample), String(SHEET.round), guarded(reviewer), label && at,
      (label ? saw : sawOthers) ? "yes" : "no"];
  });
  const lines = [COLUMNS, ...rows].map(
    (row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",") + "\r\n");
  return "\ufeff" + lines.join("");  // the mark without which Excel guesses encodings
}

/** Return the rows of a CSV file, as this page or a spreadsheet program wrote it. */
function toRows(text) {
  const content = text.replace(/^\ufeff/, "");
  const first = content.split(/[\r\n]/, 1)[0];
  const many = (mark) => first.split(mark).length;
  const mark = [",", ";", "\t"].reduce((best, one) => (many(one) > many(best) ? one : best));
  const cell = new RegExp(
    `(?:"([^"]*(?:""[^"]*)*)"|([^"${mark}\\r\\n]*))(${mark}|\\r\\n|\\n|\\r|$)`, "y");
  const rows = [[]];
  while (cell.lastIndex < content.length) {
    const found = cell.exec(content);
    if (found === null) {
      throw new Error("This file is cut off, or no CSV file. Choose the file that you saved here.");
    }
    rows.at(-1).push((found[1] ?? found[2]).replaceAll('""', '"').trim());
    if (/[\r\n]/.test(found[3])) rows.push([]);
  }
  return rows.filter((row) => row.some((one) => one !== ""));
}

/** Return the answers in a CSV file of a reviewer, by advert, and whether it says that they saw
 * others’ answers (null: it says nothing); any other file is refused. */
function fromCsv(text, reviewer) {
  const [header = [], ...rows] = toRows(text);
  const missing = COLUMNS.filter((column) => !header.includes(column));
  if (missing.length) {
    throw new Error(`This file has no column ${missing[0]}. Choose a file that you saved here.`);
  }
  const answers = new Map();
  let saw = null;
  for (const row of rows) {
    const cells = Object.fromEntries(header.map((column, i) => [column, unguarded(row[i] ?? "")]));
    const name = cells.example;
    const answer = answerIn(cells, reviewer);
    saw ||= answer.saw;
    if (answers.has(name) && answers.get(name).label !== answer.label) {
      throw new Error(`This file has two answers for advert ${name}. Remove one of them.`);
    }
    if (answer.label || answer.note) answers.set(name, answer);
  }
  return { answers, saw };
}

function answerIn(cells, reviewer) {
  const { [LABEL]: label, note, example } = cells;
  if (cells.sample !== SHEET.sample || cells.round !== String(SHEET.round) ||
      !NAMES.has(example)) {
    throw new Error("This file belongs to other adverts. Choose a file that you saved here.");
  }
  if (label && !isChoice(label)) {
    throw new Error(`This file has the answer “${label}”, which this page does not offer.`);
  }
  if ((label || note) && person(cells.reviewer) !== person(reviewer)) {
    throw new Error("This file was saved under another name. Type the name that you used then.");
  }
  const time = Date.parse(cells.reviewed_at);
  const at = Number.isNaN(time) ? new Date().toISOString() : new Date(time).toISOString();
  return { label, note, at: label ? at : "", saw: cells.saw_others.toLowerCase() !== "no" };
}

function isChoice(label) {
  return label === SHEET.unsure || SHEET.choices.some((choice) => choice.label === label);
}

/** Return a name as this page compares it, whatever its capitals and its width; the program tells fewer names apart. */
function person(name) {
  const usual = name.replace(/[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]/g, (wide) => wide.normalize("NFKC"));
  return [...tidy(usual)].map(folded).join("");
}

/** Return a letter as a small one, unless its capital looks like another letter. */
function folded(letter) {
  const stays = /[ıſƼ\u0345\u{118a0}-\u{118df}]/u.test(letter);
  return stays ? letter : letter.toLowerCase().toUpperCase().toLowerCase();
}

/** Return a text as one line without characters that change the text around it. */
function tidy(text) {
  return text.normalize("NFC").replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}
