// The page of genloss review: one group after the other, keys that decide, and the plan at the end.
import { bytesText, memberList } from "./cards.js";
import { Comparer } from "./compare.js";
import { button, element, part } from "./dom.js";
import { plural } from "./words.js";

const FATES = { kept: "stays", goes: "goes to quarantine", review: "stays until you decide", stays: "stays", apart: "leaves the group, untouched" };
const ON_STAGE = ["b", " ", "[", "]", "+", "=", "-", "0", "n", "p", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
const VERSIONS = ["version", "same_pixels", "same_bytes"];

let queue = []; // groups without their members, in the plan's order
let order = []; // positions in the queue, in the order of the review
let at = 0; // position in the order
let group = null; // the group shown, with its members
let busy = false;
const skipped = new Set();

async function ask(path, body) {
  const sent = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(path, sent);
  } catch {
    throw new Error("genloss review does not answer: it was ended. What you decided is saved; start it again to go on.");
  }
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(found.detail ?? `refused (${answer.status})`);
  return found;
}

function complain(text) {
  part("problem").textContent = text;
  part("problem").hidden = !text;
}

const current = () => queue[order[at]];
const nDecided = () => queue.filter(({ decided }) => decided.length).length;

function sort() {
  const places = queue.map((_, index) => index);
  order = part("order").value === "plan" ? places : places.sort((one, other) => queue[one].uncertainty - queue[other].uncertainty);
}

function nextOpen(from) {
  const later = [...order.slice(from), ...order.slice(0, from)];
  const found = later.find((index) => !queue[index].decided.length && !skipped.has(queue[index].number));
  return found === undefined ? -1 : order.indexOf(found);
}

function showProgress() {
  const done = nDecided();
  part("progress").max = queue.length || 1;
  part("progress").value = done;
  part("progress-words").textContent = `${done} of ${plural(queue.length, "group")} decided`;
}

function take(progress) {
  const index = queue.findIndex(({ number }) => number === progress.number);
  queue[index] = { ...queue[index], ...progress };
  showProgress();
}

async function go(position) {
  if (position < 0) {
    showEnd();
    return;
  }
  at = (position + order.length) % order.length;
  part("end").hidden = true;
  part("work").hidden = false;
  const wanted = current().number;
  const following = nextOpen(at + 1);
  const ahead = following < 0 ? "" : `?ahead=${queue[order[following]].number}`;
  part("title").textContent = `Group ${wanted}`;
  part("members").setAttribute("aria-busy", "true");
  const found = await ask(`groups/${wanted}${ahead}`);
  if (current().number !== wanted) return;
  group = found;
  showGroup();
}

const comparer = new Comparer("", mark, skip);

function showGroup() {
  part("members").removeAttribute("aria-busy");
  part("members").replaceChildren(memberList(group, "", (_, member) => choose(member)));
  part("viewer").hidden = false;
  const freed = group.members.filter((_, index) => group.fates[index] === "goes").reduce((sum, { size }) => sum + size, 0);
  part("title").textContent = `Group ${group.number}: ${plural(group.members.length, "file")}`;
  part("decided").textContent = group.decided.length ? `${group.decided.join("; ")}.` : "";
  part("decided").append(freed ? ` ${bytesText(freed)} would be freed.` : "");
  const open = group.members.find((_, index) => group.fates[index] === "review");
  comparer.show(group, open ?? group.members[1]);
  for (const [index, item] of [...part("members").querySelectorAll(".member")].entries()) {
    item.querySelector(".place").textContent = String(index + 1); // the key that chooses it
    const fate = item.querySelector(".fate");
    if (!group.decided.length) continue;
    fate.textContent = FATES[group.fates[index]];
    item.querySelector(".standing").className = `standing ${group.fates[index]}`;
  }
}

// Shows a member beside the first, and lets the keys decide about it. The first itself is shown beside the second.
function choose(member) {
  comparer.show(group, member);
  if (member === group.members[0]) mark(group, member);
}

// Marks the member that the keys decide about, and lists the decisions.
function mark(_, member) {
  const index = group.members.indexOf(member);
  for (const item of part("members").querySelectorAll(".member")) item.classList.toggle("chosen", item.member === member);
  const versions = group.members.filter((one, place) => place === 0 || VERSIONS.includes(one.relation));
  const others = versions.length - 1;
  const isVersion = versions.includes(member);
  const first = group.members[0];
  const isFirst = member === first;
  const sameBytes = member.relation === "same_bytes";
  const equalBytes = group.members.every(({ relation }, place) => place === 0 || relation === "same_bytes");
  part("decisions").replaceChildren(
    decision("K", `Keep 1: ${first.name}`, others ? `puts ${others === 1 ? "the other one" : `the other ${others}`} away` : "nothing else is a version of it", "keep_this", 0, !others),
    decision("J", `Keep ${index + 1} instead`, isFirst ? "it stays already" : isVersion ? "puts all other versions away" : "it is no version: it stays anyway", "keep_this", index, isFirst || !isVersion || sameBytes),
    isFirst ? decision("L", "Keep all", "the whole group stays", "keep_both", index, equalBytes) : decision("L", "Keep both", `1 and ${index + 1} stay`, "keep_both", index, sameBytes),
    decision("X", "Not the same picture", isFirst ? "choose the file that leaves the group" : `${index + 1} leaves this group for ever`, "not_same_picture", index, isFirst || sameBytes),
    plain("S", "Skip", "as the plan says", skip), plain("U", "Undo", "the last decision", undo),
  );
}

function plain(key, title, says, action, disabled = false) {
  const made = button("button decision", "", () => {
    made.blur(); // so that the page receives keys again
    action();
  });
  made.append(element("span", "decision-title", element("kbd", "", key), ` ${title}`), element("span", "says", says));
  made.dataset.key = key.toLowerCase();
  made.disabled = disabled;
  made.title = `${title}: ${says}`;
  return made;
}

const decision = (key, title, says, kind, place, disabled) => plain(key, title, says, () => decide(kind, place), disabled);

// One action at a time: a key that is pressed twice must not decide about the next group.
async function inTurn(action) {
  if (busy) return;
  busy = true;
  complain("");
  try {
    await action();
  } catch (error) {
    complain(error.message);
  } finally {
    busy = false;
  }
}

function decide(kind, place) {
  return inTurn(async () => {
    const wanted = current().number;
    take(await ask("decisions", { group: wanted, kind, place }));
    skipped.delete(wanted);
    const left = group.fates.filter((fate) => fate === "review").length;
    group = await ask(`groups/${wanted}`);
    // Shows the same group again if the decision settled some open members, but not all; else the next group.
    const open = group.fates.filter((fate) => fate === "review").length;
    if (open && open < left) showGroup();
    else await go(nextOpen(at + 1));
  });
}

function skip() {
  return inTurn(async () => {
    if (!current().decided.length) skipped.add(current().number);
    await go(nextOpen(at + 1));
  });
}

function undo() {
  return inTurn(async () => {
    const { group: found } = await ask("undo", {});
    if (!found) {
      complain("There is nothing to undo.");
      return;
    }
    take(found);
    skipped.delete(found.number);
    await go(order.findIndex((index) => queue[index].number === found.number));
  });
}

function showEnd() {
  part("work").hidden = true;
  part("end").hidden = false;
  const open = queue.length - nDecided();
  const words = open ? `${plural(nDecided(), "group")} decided; ${plural(open, "group")} skipped or left as the plan says.` : "Every group is decided.";
  part("end").replaceChildren(element("h1", "", "That was all"), element("p", "", words), button("button primary", "Finish: write the plan", finish), " ",
    button("button", "Go through the skipped ones", () => inTurn(async () => {
      skipped.clear();
      await go(nextOpen(0));
    })));
}

function finish() {
  return inTurn(async () => {
    const done = await ask("finish", {});
    part("work").hidden = part("finish").hidden = true;
    part("end").hidden = false;
    const command = element("pre", "command", done.next);
    part("end").replaceChildren(element("h1", "", "The plan is written"), element("p", "", `${done.plan} holds what you decided.${done.before ? ` The plan before is ${done.before}.` : ""} This page can be closed.`),
      element("p", "", "Next, in the terminal; it changes nothing yet:"), command);
  });
}

function onKey(event) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || part("work").hidden) return;
  if (target.matches("select, input:not([type=range]):not([type=radio])")) return;
  const digit = Number(key);
  if (digit >= 1 && group.members[digit - 1]) {
    choose(group.members[digit - 1]);
    return;
  }
  const pressed = part("decisions").querySelector(`[data-key="${CSS.escape(key.toLowerCase())}"]`);
  if (pressed) {
    event.preventDefault();
    if (!pressed.disabled && !event.repeat) pressed.click();
    return;
  }
  if (key === "PageDown" || key === "PageUp") {
    event.preventDefault();
    inTurn(() => go(at + (key === "PageDown" ? 1 : -1)));
    return;
  }
  const stage = part("stage");
  if (!ON_STAGE.includes(key) || stage.contains(target) || (key === " " && target.matches("button, summary, a")) || target.matches("input")) return;
  event.preventDefault();
  stage.dispatchEvent(new KeyboardEvent("keydown", { key }));
}

async function start() {
  part("close").hidden = part("swap").hidden = true;
  part("more-keys").textContent = ", 1 to 9 choose a version, Page Up and Page Down go through the groups";
  document.addEventListener("keydown", onKey);
  part("finish").addEventListener("click", finish);
  part("order").addEventListener("change", () => inTurn(async () => {
    sort();
    await go(nextOpen(0));
  }));
  queue = (await ask("queue")).groups;
  sort();
  showProgress();
  await go(queue.length ? nextOpen(0) : -1);
}

inTurn(start);
