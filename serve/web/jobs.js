// Shows training jobs and models, starts and cancels jobs, and follows the chosen one by server-sent events.

const part = (id) => document.getElementById(id);
let token = "";
let chosen = null; // the job that is looked at, as the service describes it
let watching = new AbortController();

class Problem extends Error {
  constructor(document) {
    super(document.detail);
    this.code = document.code;
  }
}

async function ask(path, options = {}) {
  const answer = await fetch(`v1/${path}`, { ...options, headers: { Authorization: `Bearer ${token}`, ...options.headers } });
  if (!answer.ok) throw new Problem(await answer.json().catch(() => ({ detail: `the service answered ${answer.status}` })));
  return answer;
}

const read = async (path, options) => (await ask(path, options)).json();

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(className, text, action) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", guarded(action));
  return made;
}

function say(text, busy = false) {
  part("status").textContent = text;
  part("status").classList.toggle("busy", busy);
}

function complain(error) {
  if (error?.name === "AbortError") return;
  const line = element("li", "", error ? `${error.message} ` : "");
  if (error?.code) line.append(element("code", "", error.code));
  part("problems").replaceChildren(...(error ? [line] : []));
  if (error) say("");
}

// Runs an action and shows what went wrong with it.
const guarded = (action) => async (event) => {
  event?.preventDefault();
  complain(null);
  try {
    await action(event);
  } catch (error) {
    complain(error);
  }
};

const percent = (share) => (share === null || share === undefined ? "–" : `${(100 * share).toFixed(1)} %`);

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
      element("span", "what", [
        job.pairs ?? `${job.n_originals} originals`,
        `${job.training.epochs} epochs`,
        job.training.parent ? `from ${job.training.parent}` : "",
        job.training.search_trials ? `after a search of ${job.training.search_trials} trials` : "",
      ].filter(Boolean).join(", ")),
      element("time", "what", new Date(job.created_at).toLocaleString()),
    );
    const line = element("li");
    line.append(made);
    return line;
  }));
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

async function activate(id) {
  say("Testing the model on golden images…", true);
  const done = await read(`models/${id}/activate`, { method: "POST" });
  const right = done.self_test.filter((image) => image.ranked_rightly).length;
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
  part("job-title").textContent = `Job ${chosen.id.slice(0, 8)}: ${state}`;
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

function shape(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function drawCurves(points, epochs) {
  const curves = [["training", "pair_accuracy"], ["validation", "validation_accuracy"]];
  const values = points.flatMap((point) => curves.map(([, key]) => point[key])).filter((value) => value !== null);
  const low = Math.floor(10 * Math.min(0.5, ...values)) / 10;
  const x = (epoch) => 65 + (520 * (epoch - 1)) / Math.max(1, epochs - 1);
  const y = (share) => 210 - (195 * (share - low)) / (1 - low);
  const drawn = [];
  for (let share = low; share <= 1.001; share += 0.1) {
    drawn.push(shape("line", { class: "grid", x1: 65, x2: 585, y1: y(share), y2: y(share) }));
    drawn.push(shape("text", { x: 58, y: y(share) + 4, "text-anchor": "end" }, `${Math.round(100 * share)} %`));
  }
  drawn.push(shape("text", { x: 65, y: 230 }, "epoch 1"), shape("text", { x: 585, y: 230, "text-anchor": "end" }, `${epochs}`));
  for (const [name, key] of curves) {
    const known = points.filter((point) => point[key] !== null);
    drawn.push(shape("polyline", { class: name, points: known.map((point) => `${x(point.epoch)},${y(point[key])}`).join(" ") }));
  }
  const last = points.at(-1);
  part("curves").setAttribute("aria-label", last
    ? `Learning curves: after epoch ${last.epoch}, training ${percent(last.pair_accuracy)}, validation ${percent(last.validation_accuracy)}`
    : "Learning curves: no epoch yet");
  part("curves").replaceChildren(...drawn);
}

async function lookAgain(id, signal) {
  const job = await read(`training-jobs/${id}`, { signal });
  const changed = job.state !== chosen.state;
  chosen = job;
  showJob();
  if (changed) await Promise.all([showJobs(), showModels()]);
}

// EventSource cannot send a token, so the stream of events is read by hand.
async function follow(id, signal) {
  const answer = await ask(`training-jobs/${id}/events`, { signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    // Whatever has happened is seen in one look at the job.
    if (value.includes("data:")) await lookAgain(id, signal);
  }
  await lookAgain(id, signal);
}

// What a parent or a search decides cannot be stated as well, so that it is not sent.
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
  for (const name of ["corpus", "parent"]) if (!form.get(name)) form.delete(name);
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
  await choose(job.id);
  say("The job is queued.");
}

part("token").addEventListener("submit", guarded(async () => {
  token = part("token-text").value;
  await showEverything();
}));
part("start").addEventListener("submit", guarded(start));
part("start").addEventListener("input", settleChoices);
part("cancel").addEventListener("click", guarded(async () => {
  await ask(`training-jobs/${chosen.id}`, { method: "DELETE" });
  await choose(chosen.id);
}));
part("resume").addEventListener("click", guarded(async () => {
  await ask(`training-jobs/${chosen.id}/resume`, { method: "POST" });
  await choose(chosen.id);
}));
