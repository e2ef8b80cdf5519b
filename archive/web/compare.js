// The kept file and another one on a stage, laid on each other as the scan found them to lie.
import { layTogether, wholeFrames } from "./align.js";
import { part } from "./dom.js";
import { listenToGestures } from "./gestures.js";
import { Stage } from "./stage.js";

const LARGE_PX = 1280; // longest side of the pictures of a report

const wholeOn = ({ width, height }) => ({
  turn: 0, scale_x: 1, scale_y: 1, shift_x_px: 0, shift_y_px: 0, width_px: width, height_px: height, onto_width_px: width, onto_height_px: height,
});

// The same place with the picture turned a little about its middle, clockwise.
function turnedBy(place, degrees) {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const [x, y] = [place.width / 2, place.height / 2];
  return { ...place, matrix: [cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y] };
}

export class Comparer {
  // base: before addresses of pictures. changed: called with the group and the member shown. other: what S does.
  constructor(base, changed, other) {
    this.base = base;
    this.changed = changed;
    this.swapped = false;
    this.stage = new Stage();
    this.swap = other ?? (() => this.turnAround());
    listenToGestures(this.stage, this);
    for (const [id, by] of [["previous", -1], ["next", 1]]) part(id).addEventListener("click", () => this.step(by));
    part("swap").addEventListener("click", () => this.turnAround());
  }

  show(group, member) {
    const kept = group.members[0];
    this.group = group;
    this.member = member === kept ? group.members[1] ?? kept : member;
    this.draw();
    this.changed(group, this.member);
  }

  // The next or previous member in place of the other one.
  step(by) {
    const others = this.group.members.slice(1);
    if (others.length) this.show(this.group, others.at((others.indexOf(this.member) + by) % others.length));
  }

  turnAround() {
    this.swapped = !this.swapped;
    this.draw();
  }

  draw() {
    const { group, member, stage } = this;
    const pair = [group.members[0], member];
    const shown = this.swapped ? pair.toReversed() : pair;
    shown.forEach((one, index) => {
      const letter = "ab"[index];
      part(`tag-${letter}`).textContent = `${one.place}. ${one.name}`;
      stage.images[index].alt = one.name;
      part(`missing-${letter}`).hidden = Boolean(one.large);
      part(`missing-${letter}`).textContent = one.large ? "" : `${one.name} could not be drawn`;
      if (one.large) stage.images[index].src = `${this.base}${one.large}`;
      else stage.images[index].removeAttribute("src");
    });
    part("viewer-title").textContent = `Group ${group.number}`;
    this.lay(shown, pair);
  }

  lay(shown, [kept, member]) {
    const sizes = shown.filter(({ large }) => large);
    part("go-there").hidden = true;
    if (!sizes.length) return;
    const on = kept === member || (!member.on && ["same_bytes", "same_pixels"].includes(member.relation)) ? wholeOn(kept) : member.on;
    if (!on || sizes.length < 2) {
      this.stage.setAligned(sizes.length < 2 ? null : false);
      this.stage.lay(wholeFrames(...(sizes.length < 2 ? [sizes[0], sizes[0]] : shown)));
      this.say(sizes.length < 2 ? [] : ["How one lies on the other is not known: each is shown whole, side by side."]);
      return;
    }
    const together = layTogether(kept, on);
    if (member.degrees) together.places[0] = turnedBy(together.places[0], member.degrees);
    if (this.swapped) together.places.reverse();
    this.stage.setAligned(true);
    this.stage.lay(together);
    if (member.crop) {
      const finer = together.places[this.swapped ? 1 : 0];
      this.stage.mostDifferent = { x: finer.x + (member.crop.x * finer.width) / kept.width, y: finer.y + (member.crop.y * finer.height) / kept.height };
      part("go-there").hidden = false;
    }
    const small = sizes.some(({ width, height }) => Math.max(width, height) > LARGE_PX);
    const letters = this.swapped ? { A: "B", B: "A" } : { A: "A", B: "B" };
    const notes = together.notes.map((note) => note.replace(/\b[AB]\b/g, (letter) => (letters[letter] === "A" ? "the left one" : "the right one")));
    this.say([...notes.map((note) => note[0].toUpperCase() + note.slice(1)), small ? "Drawn smaller than they are." : ""]);
  }

  say(notes) {
    part("viewer-note").textContent = notes.filter(Boolean).join(" ");
  }
}
