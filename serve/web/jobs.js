// Shows training jobs and models, starts and cancels jobs, and follows the chosen one by server-sent events.
import { button as plainButton, element, part, say } from "./dom.js";
import { drawCurves, percent } from "./curves.js";
import { fillDefaults } from "./defaults.js";
import { plural } from "./words.js";

let token = "";
let chosen = null; // the job on display, as the service describes it
let watching = new AbortController();

class Problem extends Error {
  constructor(document) {
    super(document.detail);
    this.code = document.code;
    this.document = document;
  }
}

async function ask(path, options = {}) {
  const answer = await fetch(`v1/${path}`, { ...options, headers: { Authorization: `Bearer ${token}`, ...options.headers } });
  if (!answer.ok) throw new Problem(await answer.json().catch(() => ({ detail: `the service answered ${answer.status}` })));
  return answer;
}

const read = async (path, options) => (await ask(path, options)).json();

function complain(error) {
  if (error?.name === "AbortError") return;
  const line = element("li", "", error ? `${error.message} ` : "");
  if (error?.code) line.append(element("code", "", error.code));
  part("problems").replaceChildren(...(error ? [line] : []));
  if (error) say("");
}

// Runs an action and shows its error, if any.
const guarded = (action) => async (event) => {
  event?.preventDefault();
  complain(null);
  try {
    await action(event);
  } catch (error) {
    complain(error);
  }
};

const button = (className, text, action) => plainButton(className, text, guarded(action));

function duration(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

async function showEverything() {
  const sets = (await read("pair-sets")).pair_sets;
  part("pairs").replaceChildren(...sets.map((name) => new Option(name, name)));
  part("content").hidden = false;
  part("token").hidden = true;
  await Promise.all([showJobs(), showModels()]);
}

async function showJobs() {
  const { jobs } = await read("training-jobs");
  part("no-jobs").hidden = jobs.length > 0;
  part("jobs").replaceChildren(...jobs.map((job) => {
    const made = button("button", "", () => choose(job.id));
    made.setAttribute("aria-pressed", String(chosen?.id === job.id));
    made.append(
      element("span", `state ${job.state}`, job.state),
      element("b", "title", title(job)),
      element("span", "model", job.model ? `model ${job.model}` : ""),
      element("span", "took", took(job)),
      element("span", "what", [
        job.pairs ?? plural(job.n_originals, "original"),
        plural(job.training.epochs, "epoch"),
        job.training.parent ? `from ${job.training.parent}` : "",
        job.training.search_trials ? `after a search of ${plural(job.training.search_trials, "trial")}` : "",
      ].filter(Boolean).join(", ")),
      element("time", "what", new Date(job.created_at).toLocaleString()),
    );
    const line = element("li");
    line.append(made);
    return line;
  }));
}

// Name of a job's training data: the corpus, the pair set, or the number of originals.
function title(job) {
  const { corpus } = job.training;
  if (corpus && corpus !== "not stated") return corpus;
  return job.pairs ?? plural(job.n_originals, "original");
}

function took({ started_at: started, ended_at: ended, state }) {
  if (!started) return "";
  const seconds = ((ended ? new Date(ended) : Date.now()) - new Date(started)) / 1000;
  return `${state === "running" ? "for" : "took"} ${duration(Math.max(0, seconds))}`;
}

async function showModels() {
  const { models, serving, previous } = await read("models");
  const before = part("parent").value;
  part("parent").replaceChildren(new Option("scratch", ""), ...models.map(({ id }) => new Option(`model ${id}`, id)));
  part("parent").value = models.some(({ id }) => id === before) ? before : "";
  settleChoices();
  part("models").replaceChildren(...models.map((model) => {
    const name = element("td");
    name.append(element("code", "", model.id));
    const use = element("td");
    if (model.id === serving) use.append(element("strong", "", "serving"));
    else use.append(button("button", model.id === previous ? "Roll back" : "Activate", () => activate(model.id)));
    const row = element("tr");
    const figures = [["by score", "score"], ["side by side", "judge"]].map(([heading, key]) => {
      const figure = element("td", "", percent(model.evaluation?.[key]?.test?.pair_accuracy));
      figure.dataset.heading = heading;
      return figure;
    });
    row.append(name, element("td", "corpus", model.corpus ?? ""), ...figures, use);
    return row;
  }));
}

async function activate(id, force = false) {
  part("doubt").hidden = true;
  say("Testing the model on golden images…", true);
  let done;
  try {
    done = await read(`models/${id}/activate?force=${force}`, { method: "POST" });
  } catch (error) {
    if (!error.document?.may_be_forced) throw error;
    say("");
    part("doubt-text").textContent = `Model ${id} fails its test: ${error.message}.`;
    part("use-anyway").dataset.id = id;
    part("doubt").hidden = false;
    part("leave-it").focus();
    return;
  }
  const right = done.self_test.length - done.failed.length;
  await showModels();
  say(`Model ${done.serving} serves now; it ranked ${right} of ${done.self_test.length} golden images rightly.`);
}

async function choose(id) {
  watching.abort();
  watching = new AbortController();
  chosen = await read(`training-jobs/${id}`);
  part("job").hidden = false;
  showJob();
  await showJobs();
  if (["queued", "running", "cancelling"].includes(chosen.state)) follow(id, watching.signal).catch(complain);
}

function showJob() {
  const { state, progress, error, model } = chosen;
  const running = state === "running" ? progress : null;
  part("job-title").textContent = `${title(chosen)}: ${state}`;
  part("job-line").textContent = running
    ? [
      running.phase,
      running.epochs ? `epoch ${Math.min(running.epoch + 1, running.epochs)} of ${running.epochs}` : "",
      running.loss === null ? "" : `loss ${running.loss.toFixed(4)}, pairs ${percent(running.pair_accuracy)}`,
      running.seconds_left ? `${duration(running.seconds_left)} left` : "",
    ].filter(Boolean).join(", ")
    : error ?? (model ? `Its model is ${model}; activate it below.` : "");
  part("job-progress").hidden = !running?.steps;
  if (running?.steps) part("job-progress").value = running.step / running.steps;
  part("cancel").hidden = !["queued", "running"].includes(state);
  part("resume").hidden = state !== "cancelled";
  part("search").hidden = !chosen.found;
  part("found").textContent = JSON.stringify(chosen.found, null, 2);
  part("log").textContent = chosen.log_tail.join("\n");
  drawCurves(chosen.metrics.filter((point) => point.phase === "the tower"), chosen.training.epochs);
}

async function lookAgain(id, signal) {
  const job = await read(`training-jobs/${id}`, { signal });
  const changed = job.state !== chosen.state;
  chosen = job;
  showJob();
  if (changed) await Promise.all([showJobs(), showModels()]);
}

// EventSource cannot send a token, so fetch reads the stream of events.
async function follow(id, signal) {
  const answer = await ask(`training-jobs/${id}/events`, { signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    // Whatever the event, one request for the job gets all news.
    if (value.includes("data:")) await lookAgain(id, signal);
  }
  await lookAgain(id, signal);
}

// Disables the options that a parent or a search decides, so that they are not sent.
function settleChoices() {
  const fields = part("start").elements;
  const parent = fields.parent.value !== "";
  const search = !parent && Number(fields.search_trials.value) > 0;
  for (const name of ["aggregator", "dropout", "jitter"]) fields[name].disabled = parent || search;
  for (const name of ["versions_per_batch", "blocks", "learning_rate"]) fields[name].disabled = search;
  for (const name of ["search_minutes", "search_fraction"]) fields[name].disabled = !search;
  fields.search_trials.disabled = parent;
  fields.parent.disabled = search;
}

async function start() {
  const form = new FormData(part("start"));
  const source = form.get("source");
  form.delete("source");
  for (const [name, value] of [...form]) if (value === "") form.delete(name);
  const words = ["aggregator", "corpus", "parent"];
  const training = Object.fromEntries([...form].map(([name, value]) => [name, words.includes(name) ? value : Number(value)]));
  say("Sending…", true);
  let job;
  if (source === "pairs") {
    if (!part("pairs").value) throw new Error("there is no pair set on the server yet");
    const body = JSON.stringify({ pairs: part("pairs").value, training });
    job = await read("training-jobs", { method: "POST", body, headers: { "Content-Type": "application/json" } });
  } else {
    const [body] = part("originals").files;
    if (!body) throw new Error("choose a zip archive of originals first");
    const headers = { "Content-Type": "application/zip" };
    job = await read(`training-jobs/from-originals?${new URLSearchParams(training)}`, { method: "POST", body, headers });
  }
  part("new").open = false;
  await choose(job.id);
  say("The job is queued.");
}

part("token").addEventListener("submit", guarded(async () => {
  token = part("token-text").value;
  await showEverything();
}));
part("use-anyway").addEventListener("click", guarded(() => activate(part("use-anyway").dataset.id, true)));
part("leave-it").addEventListener("click", () => {
  part("doubt").hidden = true;
});
part("start").addEventListener("submit", guarded(start));
part("start").addEventListener("input", settleChoices);
document.querySelector("#no-jobs a").addEventListener("click", () => {
  part("new").open = true;
});
part("cancel").addEventListener("click", guarded(async () => {
  await ask(`training-jobs/${chosen.id}`, { method: "DELETE" });
  await choose(chosen.id);
}));
part("resume").addEventListener("click", guarded(async () => {
  await ask(`training-jobs/${chosen.id}/resume`, { method: "POST" });
  await choose(chosen.id);
}));
fillDefaults(part("start")).then(settleChoices, complain);
