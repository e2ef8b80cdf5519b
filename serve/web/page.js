// Takes files, sends each once for its score, and shows their ranking.
import { Client } from "./client.js";
import { listenToDecision, showDecision } from "./decide.js";
import { button, element, part, say } from "./dom.js";
import { forget } from "./drawings.js";
import { listenToFamilies, showFamilies } from "./family.js";
import { mark, showList } from "./list.js";
import { offerSamples } from "./samples.js";
import { Uploads } from "./uploads.js";
import { showVerdict } from "./verdict.js";
import { Viewer } from "./viewer.js";
import { legible, pictures, plural, verdict } from "./words.js";

const MOST_VERSIONS = 64;
const MANY = 16; // above so many versions, a ranking may take a minute

const client = new Client();
const uploads = new Uploads(client, settle);
const viewer = new Viewer(client, mark);
let versions = []; // {file, name to show, url, scored: answer of the service}, in the order of their arrival
let problems = []; // lines about files that were left out
let ranking = new AbortController(); // the request for the newest ranking
let onePicture = false; // whether the user says that all files show one picture
let sentAgain = false; // whether forgotten versions were sent again, which happens once

client.waits = (seconds) => say(`The service is busy; trying again in ${plural(seconds, "second")}…`, true);

function complain(name, detail, code) {
  problems.push({ name, detail, code });
  showProblems();
}

function showProblems() {
  part("problems").replaceChildren(...problems.map(({ name, detail, code }) => (
    element("li", "", `${name ? `${name}: ` : ""}${detail} `, code ? element("code", "", code) : "")
  )));
}

function add(files) {
  const given = [...files];
  if (!given.length) return;
  problems = [];
  const room = MOST_VERSIONS - versions.length;
  if (given.length > room) complain("", `only ${MOST_VERSIONS} files are compared; ${plural(given.length - room, "file")} left out`);
  const added = given.slice(0, room).map((file) => ({ file, url: URL.createObjectURL(file) }));
  for (const version of added) {
    version.name = nameOf(version.file);
    versions.push(version);
  }
  showProblems();
  sentAgain = onePicture = false;
  part("again").hidden = true;
  uploads.stopped = null;
  uploads.add(added);
  settle();
}

// The name to show: legible, and different for every version.
function nameOf(file) {
  const name = legible(file.name);
  const taken = new Set(versions.map((version) => version.name));
  for (let count = 1; ; count++) {
    const numbered = count > 1 ? `${name} (${count})` : name;
    if (!taken.has(numbered)) return numbered;
  }
}

function drop(version) {
  uploads.remove(version);
  forget(version);
  versions = versions.filter((other) => other !== version);
}

function remove(version) {
  drop(version);
  settle();
}

// Takes the next step for the current state: shows progress, asks the user, or requests a ranking.
function settle() {
  ranking.abort();
  for (const version of versions.filter(({ failure }) => failure)) {
    complain(version.name, version.failure.message, version.failure.code);
    drop(version);
  }
  part("drop").classList.toggle("small", versions.length > 0);
  part("samples").hidden = versions.length > 0;
  const done = versions.filter(({ scored }) => scored).length;
  part("progress").hidden = !uploads.busy;
  part("progress").max = Math.max(1, versions.length);
  part("progress").value = done;
  if (uploads.stopped) {
    if (!uploads.sending.size) ask(uploads.stopped);
  } else if (uploads.busy) {
    say(`${done} of ${versions.length} scored…`, true);
  } else if (versions.length < 2) {
    hideResults();
    say(versions.length ? `${versions[0].name} is here. Add at least one more version of the same picture.` : "");
  } else {
    rank();
  }
}

async function rank() {
  ranking = new AbortController();
  const { signal } = ranking;
  const compared = [...versions];
  say(`Comparing ${compared.length} versions…${compared.length > MANY ? " So many may take a minute." : ""}`, true);
  try {
    const answer = await client.ranking(compared.map(({ scored }) => scored.id), onePicture, signal);
    if (!signal.aborted) show(answer, compared);
  } catch (error) {
    if (signal.aborted) return;
    if (error.code === "version_unknown" && !sentAgain) {
      sentAgain = true;
      const unknown = new Set(error.problem.unknown);
      const lost = compared.filter(({ scored }) => unknown.has(scored.id));
      for (const version of lost) delete version.scored;
      uploads.add(lost);
      settle();
    } else {
      ask(error);
    }
  }
}

function rankTogether() {
  onePicture = true;
  settle();
}

function show(answer, compared) {
  sentAgain = false;
  part("token").hidden = part("again").hidden = true;
  const ranked = answer.ranking.map((place) => ({
    ...place, version: compared[place.index], original: place.same_as === null ? null : compared[place.same_as],
    parent: place.descent ? compared[place.descent.parent] : null,
  }));
  const found = pictures(ranked);
  document.body.classList.add("ranked");
  part("results").hidden = part("decide").hidden = false;
  showVerdict(found, client, onePicture, rankTogether);
  showList(found, client, (version) => viewer.look(version), remove);
  showFamilies(found, client, (version, parent) => (parent ? viewer.lookAt(parent, version) : viewer.look(version)));
  showDecision(ranked, answer);
  viewer.show(found);
  const said = found.length > 1 ? `These files seem to show ${found.length} different pictures` : verdict(found[0]).title;
  say(`${plural(compared.length, "version")} compared.`);
  part("status").append(element("span", "visually-hidden", ` ${said}.`)); // the title of the card, for screen readers
}

// Shows why sending has stopped: asks for a token, or offers a retry.
function ask(error) {
  say("");
  part("progress").hidden = true;
  part("token").hidden = error.kind !== "token";
  part("again").hidden = error.kind === "token";
  if (error.kind === "token") {
    if (error.code === "token_wrong") complain("", error.message, error.code);
    part("token-text").focus();
    return;
  }
  const done = versions.filter(({ scored }) => scored).length;
  part("again-text").textContent = `${error.message} ${done} of ${versions.length} are scored; nothing is lost.`;
}

function tryAgain() {
  part("again").hidden = part("token").hidden = true;
  sentAgain = false;
  uploads.again();
  settle();
}

function hideResults() {
  document.body.classList.remove("ranked");
  for (const id of ["verdict", "results", "family", "decide"]) part(id).hidden = true;
  viewer.forget();
}

function clear() {
  for (const version of [...versions]) drop(version);
  problems = [];
  onePicture = false;
  showProblems();
  part("again").hidden = true;
  uploads.stopped = null;
  settle();
  part("files").focus();
}

part("files").addEventListener("change", (event) => {
  add(event.target.files);
  event.target.value = "";
});
part("clear").addEventListener("click", clear);
part("again").append(button("button", "Try again", tryAgain));
part("token").addEventListener("submit", (event) => {
  event.preventDefault();
  client.token = part("token-text").value.trim();
  problems = [];
  showProblems();
  tryAgain();
});
document.addEventListener("paste", (event) => add(event.clipboardData?.files ?? []));
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  part("drop").classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) part("drop").classList.remove("over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  part("drop").classList.remove("over");
  add(event.dataTransfer?.files ?? []);
});
listenToDecision();
listenToFamilies();
offerSamples(add);
