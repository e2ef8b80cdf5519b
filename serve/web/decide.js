// Files to keep and files that may be discarded, at odds that the user chooses; also as lists to copy or download.
import { button, element, part, say } from "./dom.js";
import { editsText, mayBeDiscarded, percent, plural } from "./words.js";

let shown = []; // places of the ranking, each with its version
let answered = null; // the whole answer of the service, for the JSON download

const sure = () => Math.min(99.9, Math.max(60, Number(part("sure").value) || 90)) / 100;

// A list holds one name per line, so line breaks within a name are replaced.
const inOneLine = (name) => name.replace(/[\r\n\u2028\u2029]/g, "\ufffd");

export function cell(value) {
  const text = String(value ?? "");
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function why(place) {
  if (place.probability_worse_than_first === null && !place.same) {
    return shown.some(({ picture }) => picture !== place.picture) ? `first place of picture ${place.picture}` : "first place";
  }
  const more = place.holds_more ? `; look: ${place.holds_more}` : "";
  if (place.same) return `same ${place.same} as ${place.original.name}${more}`;
  const edits = editsText(place.descent);
  return `${percent(place.probability_worse_than_first)} sure: worse than the first${edits ? `; ${edits}` : ""}${more}`;
}

function entry(place) {
  return element("li", "", element("span", "entry-name", place.version.name), element("span", "why", why(place)));
}

const discarded = () => shown.filter((place) => mayBeDiscarded(place, sure()));
const kept = () => shown.filter((place) => !mayBeDiscarded(place, sure()));

// Names of files to discard, without names that a file to keep has, too.
function names() {
  const keep = new Set(kept().map(({ version }) => version.file.name));
  return discarded().map(({ version }) => version.file.name).filter((name) => !keep.has(name));
}

const lines = () => names().map((name) => `${inOneLine(name)}\n`).join("");

function table() {
  const rows = shown.map((place) => [
    place.version.file.name, mayBeDiscarded(place, sure()) ? "discard" : "keep", place.picture, place.place,
    place.probability_worse_than_first, place.same ? `same ${place.same} as ${place.original.name}` : "", place.holds_more, place.claims,
  ]);
  const head = ["name", "decision", "picture", "place", "probability_worse_than_first", "same", "holds_more", "claims"];
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

const json = () => JSON.stringify({
  ...answered, ranking: shown.map(({ version, original, parent, ...place }) => ({ ...place, filename: version.file.name })),
}, null, 2);

function download(name, type, text) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function copy() {
  const text = lines();
  try {
    await navigator.clipboard.writeText(text);
  } catch { // browsers offer a clipboard only on localhost or over TLS
    const area = element("textarea", "visually-hidden");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(`${plural(names().length, "name")} copied, one a line.`);
}

function update() {
  const [discard, keep, listed] = [discarded(), kept(), names()];
  part("keep-title").textContent = `Keep ${keep.length}`;
  part("discard-title").textContent = `May be discarded: ${discard.length}`;
  part("keep").replaceChildren(...keep.map(entry));
  part("discard").replaceChildren(...discard.map(entry));
  for (const id of ["copy", "download-names"]) part(id).disabled = !listed.length;
  const left = discard.filter(({ version }) => !listed.includes(version.file.name)).map(({ version }) => version.name);
  part("same-names").hidden = !left.length;
  part("same-names").textContent = `Not in the list of names, because a file to keep is called the same: ${left.join(", ")}`;
  const link = document.querySelector(".to-decide a");
  if (link) link.textContent = `${discard.length ? `${discard.length} of ${shown.length}` : "None"} may be discarded at ${part("sure").value} %`;
}

export function showDecision(ranking, answer) {
  shown = ranking;
  answered = answer;
  update();
}

export function listenToDecision() {
  for (const [from, to] of [["sure", "sure-range"], ["sure-range", "sure"]]) {
    part(from).addEventListener("input", () => {
      part(to).value = part(from).value;
      update();
    });
  }
  part("sure").addEventListener("change", () => {
    part("sure").value = part("sure-range").value = String(Math.round(1000 * sure()) / 10);
    update();
  });
  part("take-away").append(
    Object.assign(button("button primary", "Copy names to discard", copy), { id: "copy" }),
    Object.assign(button("button", "Names as text", () => download("discard.txt", "text/plain", lines())), { id: "download-names" }),
    button("button", "Table as CSV", () => download("genloss.csv", "text/csv", table())),
    button("button", "All as JSON", () => download("genloss.json", "application/json", json())),
  );
}
