// Takes files, has the service rank them, and shows the ranking.
import { Viewer } from "./viewer.js";

const MOST_VERSIONS = 64;
const MOST_TRIES = 8;

const part = (id) => document.getElementById(id);
const viewer = new Viewer();
let versions = []; // {file, url}, in the order they were given
let token = "";
let running = new AbortController();

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function say(text, busy = false) {
  part("status").textContent = text;
  part("status").classList.toggle("busy", busy);
}

function complain(problems) {
  part("problems").replaceChildren(...problems.map(({ filename, detail, code }) => {
    const line = element("li", "", `${filename ? `${filename}: ` : ""}${detail} `);
    if (code) line.append(element("code", "", code));
    return line;
  }));
}

function add(files) {
  const pictures = [...files];
  if (!pictures.length) return;
  const room = MOST_VERSIONS - versions.length;
  versions.push(...pictures.slice(0, room).map((file) => ({ file, url: URL.createObjectURL(file) })));
  rank(pictures.length > room ? [{ detail: `only the first ${MOST_VERSIONS} files are compared` }] : []);
}

function remove(removed) {
  URL.revokeObjectURL(removed.url);
  versions = versions.filter((version) => version !== removed);
  rank([]);
}

async function rank(problems) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  complain(problems);
  part("drop").classList.toggle("small", versions.length > 0);
  if (versions.length < 2) {
    part("results").hidden = part("viewer").hidden = true;
    say(versions.length ? `${versions[0].file.name} is here. Add at least one more version of the same picture.` : "");
    return;
  }
  say(`Comparing ${versions.length} versions…`, true);
  let compared = [...versions];
  try {
    // The order comes first; what speaks for and against each version takes several times as long.
    const answer = await ask(compared, false, signal);
    show(answer, compared, [...problems, ...answer.failed]);
    problems.push(...answer.failed);
    compared = [...versions];
    say("Looking for reasons…", true);
    show(await ask(compared, true, signal), compared, problems);
    say(`${answer.ranking.length} versions compared. Closest to the original: ${answer.ranking[0].filename}.`);
  } catch (error) {
    if (signal.aborted) return;
    say("");
    if (error.problem?.failed) dropFailed(error.problem.failed, compared);
    complain([...problems, ...(error.problem?.failed ?? []), error.problem ?? { detail: String(error.message ?? error) }]);
    part("token").hidden = !["token_missing", "token_wrong"].includes(error.problem?.code);
    if (!part("token").hidden) part("token-text").focus();
    part("results").hidden = part("viewer").hidden = true;
  }
}

async function ask(compared, reasons, signal) {
  const form = new FormData();
  for (const { file } of compared) form.append("files", file, file.name);
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  for (let tries = 1; ; tries++) {
    let answer;
    try {
      answer = await fetch(`v1/rank?reasons=${reasons}`, { method: "POST", body: form, headers, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new Error("the service cannot be reached; is it still running?");
    }
    if (answer.ok) return answer.json();
    if (answer.status === 429 && tries < MOST_TRIES) {
      const seconds = Number(answer.headers.get("Retry-After")) || 1;
      say(`The service is busy; trying again in ${seconds} s…`, true);
      await new Promise((resume) => setTimeout(resume, 1000 * seconds));
      continue;
    }
    const problem = await answer.json().catch(() => ({ detail: `the service answered ${answer.status}` }));
    throw Object.assign(new Error(problem.detail), { problem });
  }
}

// A file that cannot be read will not become readable: it is named once and left out of what follows.
function dropFailed(failed, compared) {
  const gone = new Set(failed.map(({ index }) => compared[index]));
  for (const { url } of gone) URL.revokeObjectURL(url);
  versions = versions.filter((version) => !gone.has(version));
}

function show({ ranking, failed }, compared, problems) {
  part("token").hidden = true;
  dropFailed(failed, compared);
  complain(problems);
  const ranked = ranking.map((place) => ({ ...place, version: compared[place.index] }));
  part("ranking").replaceChildren(...ranked.map((place) => row(place, ranked)));
  part("results").hidden = part("viewer").hidden = false;
  viewer.show(ranked.map((place) => ({
    url: place.version.url, label: `${place.place}. ${place.filename}`, tag: `${place.generation_loss.toFixed(4)} ${place.filename}`,
  })));
}

function row(place, ranked) {
  const item = element("li");
  const card = element("article", place.place === 1 ? "version first" : "version");
  card.append(element("div", "place", String(place.place)), thumbnail(place), words(place), score(place));
  item.append(card);
  if (place.place < ranked.length) item.append(odds(place));
  return item;
}

function thumbnail(place) {
  const button = element("button", "thumb");
  button.type = "button";
  button.title = place.place === 1 ? "Look at the first two" : "Compare with the first";
  const image = element("img");
  image.alt = `${place.filename}, place ${place.place}: compare`;
  image.src = place.version.url;
  image.addEventListener("error", () => button.replaceChildren(`no preview of ${place.facts.image_format.toUpperCase()}`));
  button.append(image);
  button.addEventListener("click", () => viewer.compare(0, Math.max(1, place.place - 1)));
  return button;
}

function words(place) {
  const block = element("div");
  block.append(element("p", "name", place.filename), element("p", "claims", place.claims));
  if (place.reasons) {
    const list = element("ul", "reasons");
    list.append(...place.reasons.map(({ text, against }) => element("li", against ? "against" : "for", text)));
    block.append(list);
  }
  return block;
}

function score(place) {
  const block = element("div", "score");
  const meter = element("meter");
  meter.max = 1;
  meter.value = place.generation_loss;
  meter.setAttribute("aria-label", "generation loss, lower is closer to the original");
  const button = element("button", "remove", "remove");
  button.type = "button";
  button.setAttribute("aria-label", `Remove ${place.filename}`);
  button.addEventListener("click", () => remove(place.version));
  block.append(element("b", "", place.generation_loss.toFixed(4)), meter, element("br"), button);
  return block;
}

function odds({ probability_closer_than_next: probability, too_close_to_call: close }) {
  if (close) return element("p", "next close", "too close to call");
  return element("p", "next", `${(100 * Math.min(probability, 0.999)).toPrecision(3)} % sure that it is closer than the next`);
}

part("files").addEventListener("change", (event) => {
  add(event.target.files);
  event.target.value = "";
});
part("clear").addEventListener("click", () => {
  for (const { url } of versions) URL.revokeObjectURL(url);
  versions = [];
  rank([]);
  part("files").focus();
});
part("token").addEventListener("submit", (event) => {
  event.preventDefault();
  token = part("token-text").value.trim();
  rank([]);
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
