// The viewer: the two versions on the stage, text about them, and the buttons around.
import { layTogether, sizesAgree, wholeFrames } from "./align.js";
import { Alignments } from "./alignments.js";
import { showMostDifferent } from "./differences.js";
import { drawingOf } from "./drawings.js";
import { element, part } from "./dom.js";
import { listenToGestures } from "./gestures.js";
import { Stage } from "./stage.js";

const NARROW = "(max-width: 64rem)"; // as in page.css: below, the viewer does not fit beside the list

export class Viewer {
  // changed: called with the two versions shown.
  constructor(client, changed) {
    this.client = client;
    this.alignments = new Alignments(client);
    this.changed = changed;
    this.pictures = []; // versions of each picture, best first
    this.chosen = [];
    this.stage = new Stage();
    this.images = this.stage.images;
    this.picks = [part("pick-a"), part("pick-b")];
    this.listen();
    listenToGestures(this.stage, this);
  }

  // found: pictures() of a ranking. Keeps the two versions on display if they are still there.
  show(found) {
    this.pictures = found.map((places) => places.flat().map(({ version }) => version));
    const labels = new Map(found.flat(2).map((place) => [place.version, `${place.place}. ${place.version.name}`]));
    for (const pick of this.picks) {
      pick.replaceChildren(...this.pictures.map((versions, index) => {
        const options = versions.map((version) => Object.assign(new Option(labels.get(version)), { version }));
        if (found.length === 1) return options;
        const group = element("optgroup", "", ...options);
        group.label = `Picture ${index + 1}`;
        return [group];
      }).flat());
    }
    const still = this.chosen.length === 2 && this.chosen.every((version) => labels.has(version));
    const [first, second] = this.pictures[0];
    const next = found[0][1]?.[0].version ?? second ?? first; // not a copy of the first, which looks the same
    this.set(...(still ? this.chosen : [first, next]));
  }

  forget() {
    this.chosen = [];
    this.close();
  }

  // Shows a version beside the first of its picture.
  look(version) {
    const versions = this.pictures.find((found) => found.includes(version)) ?? [version];
    this.lookAt(versions[0], version === versions[0] ? (versions[1] ?? version) : version);
  }

  lookAt(a, b) {
    this.set(a, b);
    if (matchMedia(NARROW).matches) {
      this.open();
      return;
    }
    part("stage").focus({ preventScroll: true });
    part("stage").scrollIntoView({ block: "nearest" });
  }

  // Replaces B by the next or previous version of the picture.
  step(by) {
    const [a, b] = this.chosen;
    const versions = (this.pictures.find((found) => found.includes(b)) ?? []).filter((version) => version !== a);
    if (versions.length) this.set(a, versions.at((versions.indexOf(b) + by) % versions.length));
  }

  async set(a, b) {
    this.chosen = [a, b];
    const { chosen } = this;
    chosen.forEach((version, index) => {
      const letter = "ab"[index];
      this.picks[index].selectedIndex = [...this.picks[index].options].findIndex((option) => option.version === version);
      part(`tag-${letter}`).textContent = `${"AB"[index]}: ${version.name}`;
      this.images[index].alt = version.name;
      // While a version loads, no other version's pixels may show under its name.
      if (this.images[index].version !== version) this.images[index].removeAttribute("src");
      part(`missing-${letter}`).hidden = true;
    });
    this.say([]);
    this.stage.setAligned(null);
    part("crops").replaceChildren();
    part("go-there").hidden = true;
    this.changed(chosen);
    const drawings = await Promise.all(chosen.map((version) => drawingOf(version, this.client)));
    await Promise.all(drawings.map((drawing, index) => this.fill(drawing, index, chosen)));
    if (this.chosen === chosen) this.compare(drawings);
  }

  async fill(drawing, index, chosen) {
    if (this.chosen !== chosen) return;
    const image = this.images[index];
    const missing = part(`missing-${"ab"[index]}`);
    missing.hidden = drawing.source !== "none";
    missing.textContent = missing.hidden ? "" : `${chosen[index].name} cannot be drawn here: ${drawing.why}`;
    image.version = chosen[index];
    if (drawing.source === "none") image.removeAttribute("src");
    else if (image.src !== drawing.url) image.src = drawing.url;
    if (image.src) await image.decode().catch(() => {});
  }

  // Aligns the two as the service says. Until the answer comes, or without alignment, both are shown whole.
  async compare(drawings) {
    const { chosen } = this;
    const [a, b] = drawings.map((drawing) => (drawing.source === "none" ? null : drawing));
    if (!a && !b) return;
    const notes = drawings.map(({ source }, index) => (source === "service" ? `This browser cannot draw ${"AB"[index]}: the service has drawn it.` : ""));
    this.stage.lay(wholeFrames(a ?? b, b ?? a));
    if (!a || !b || chosen[0] === chosen[1]) {
      this.say(notes);
      return;
    }
    this.say(["Looking for how B lies on A…"]);
    const { placement, why } = await this.placement(a, b);
    if (this.chosen !== chosen) return;
    this.stage.setAligned(Boolean(placement));
    if (!placement) {
      this.say([...notes, why]);
      return;
    }
    const together = layTogether(a, placement);
    this.stage.lay(together);
    this.say([...notes, ...together.notes]);
    const target = element("div", "crop-pair");
    const { place, tone } = await showMostDifferent(target, drawings, together, chosen.map(({ name }) => name)).catch(() => ({ place: null, tone: "" }));
    if (this.chosen !== chosen) return;
    if (tone) this.say([...notes, ...together.notes, `A and B differ in ${tone}: one of them was edited.`]);
    part("crops").replaceChildren(target);
    part("go-there").hidden = !place;
    this.stage.mostDifferent = place;
  }

  say(notes) {
    part("viewer-note").textContent = notes.filter(Boolean).join(" ");
  }

  // {placement} of B on A, or {why} there is none.
  async placement(a, b) {
    const [first, second] = this.chosen;
    const whole = "each is shown whole, side by side.";
    try {
      const placement = await this.alignments.find(second, first);
      if (!placement) return { why: `A and B do not seem to show the same picture: ${whole}` };
      if (sizesAgree(a, b, placement)) return { placement };
      return { why: `This browser does not turn A or B as the service does: ${whole}` };
    } catch (error) {
      return { why: `A and B could not be laid on each other (${error.message}): ${whole}` };
    }
  }

  swap() {
    this.set(...this.chosen.toReversed());
  }

  open() {
    const opener = document.activeElement;
    this.turnFull(true);
    this.opener = opener; // gets the focus back when the viewer closes
    part("full").focus();
  }

  close() {
    if (part("viewer").classList.contains("full")) this.turnFull(false);
  }

  turnFull(full) {
    part("viewer").classList.toggle("full", full);
    document.body.classList.toggle("behind", full);
    for (const behind of document.querySelectorAll("[data-behind]")) behind.inert = full;
    part("full").textContent = full ? "Close" : "Full screen";
    part("full").setAttribute("aria-pressed", String(full));
    if (!full) this.opener?.focus();
    this.opener = null;
  }

  listen() {
    for (const pick of this.picks) {
      pick.addEventListener("change", () => this.set(...this.picks.map(({ selectedOptions }) => selectedOptions[0].version)));
    }
    const actions = {
      swap: () => this.swap(), previous: () => this.step(-1), next: () => this.step(1), full: () => this.turnFull(!part("viewer").classList.contains("full")),
    };
    for (const [id, action] of Object.entries(actions)) part(id).addEventListener("click", action);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }
}
