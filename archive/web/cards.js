// A group as a card: its members by place with picture, name, odds, reasons and what the plan would do.
import { button, element } from "./dom.js";
import { certainty, percent, plural, unbroken } from "./words.js";

const MOST_MEMBERS = 12; // shown at first
const RELATIONS = {
  version: "a version of the first", same_pixels: "the same pixels as the first", same_bytes: "the same file as the first, byte for byte",
  part_of: "a part of the first", contains: "holds the first as a part", alternate: "an alternate: other content in the same setting", none: "not related",
};
const ACTIONS = {
  quarantine: "would go to quarantine", trash: "would go to the trash", hardlink: "would become a link to the first",
  reflink: "would share its blocks with the first", delete: "would be deleted",
};
const RELATED = ["alternate", "part_of", "contains"];
const EQUAL = ["same_pixels", "same_bytes"];

export const bytesText = (count) => {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} GB`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} MB`;
  return count >= 1e3 ? `${Math.round(count / 1e3)} kB` : plural(count, "byte");
};

function fateOf(member, group) {
  if (member.fate === "kept") {
    const versions = group.members.filter(({ relation }) => relation === "version");
    return versions.length && versions.every(({ fate }) => fate === "goes") ? "stays: closest to the original" : "stays";
  }
  if (member.fate === "goes") return ACTIONS[member.action];
  if (member.fate === "review") return "stays until you decide";
  return RELATED.includes(member.relation) ? "stays: holds something of its own" : "stays";
}

// Odds as words; "" where there is nothing to tell.
function oddsOf({ odds, relation }) {
  if (odds === null || EQUAL.includes(relation)) return "";
  return unbroken(odds < 0.01 ? "below 1 %" : percent(odds));
}

const shownPart = (src, alt, frame) => {
  const image = Object.assign(element("img"), { src, alt, loading: "lazy", decoding: "async" });
  const shown = element("span", "shown", image);
  if (frame) {
    const box = element("span", "frame");
    for (const [side, share] of [["left", frame.x], ["top", frame.y], ["width", frame.width], ["height", frame.height]]) {
      box.style[side] = `${100 * share}%`;
    }
    shown.append(box);
  }
  return shown;
};

const at = (base, src) => `${base}${src}`;

function thumb(member, group, base, look) {
  if (!member.small) return element("div", "thumb none", "no picture");
  const own = member.frame?.on === "member" ? member.frame : null;
  const made = button("thumb", shownPart(at(base, member.small), "", own), () => look(group, member));
  made.setAttribute("aria-label", `Look at ${member.name}${own ? "; the frame shows where the first lies" : ""}`);
  return made;
}

function figures(member, group, base, look) {
  const found = element("div", "figures-row");
  const [kept] = group.members;
  if (member.frame?.on === "kept" && kept.small) {
    found.append(element("figure", "map", shownPart(at(base, kept.small), "The first picture with a frame", member.frame), element("figcaption", "", "the part it shows")));
  }
  if (member.crop) {
    const { src, side, levels } = member.crop;
    const image = Object.assign(element("img"), { src: at(base, src), width: 2 * side, height: side, loading: "lazy", decoding: "async" });
    image.alt = `Pixel for pixel where they differ most: the first on the left, ${member.name} on the right`;
    const pair = button("crops", image, () => look(group, member));
    pair.title = "Pixel for pixel where they differ most";
    pair.style.width = `${2 * side}px`;
    const words = element("figcaption", "", element("span", "", "the first"), element("span", "", `this: brightness differs by ${levels.toFixed(1)} of 255`));
    words.style.maxWidth = `${2 * side}px`;
    found.append(element("figure", "spot", pair, words));
  }
  return found;
}

// "made from NAME: saved as JPEG 60; proved", with the proof behind a word to open.
function madeFrom(made, group) {
  const parent = group.members.find(({ sha256 }) => sha256 === made.parent);
  const { proved, text } = certainty(made);
  const line = element("p", "claims made-from", element("b", "", `made from ${parent.name}: `), unbroken(made.changes.join(", ")), proved ? text : `; ${text}`);
  if (!proved) return line;
  return element("details", "proof", element("summary", "", line, element("span", "proved", "proved")), element("p", "claims", unbroken(made.proof)));
}

function words(member, group) {
  const name = element(member.url ? "a" : "b", "name", member.name);
  if (member.url) Object.assign(name, { href: member.url, target: "_blank", rel: "noopener" });
  const block = element("div", "words", element("p", "name-line", name), element("p", "claims folder", member.folder), element("p", "claims", unbroken(member.facts ?? bytesText(member.size))));
  if (member.relation) {
    const further = member.reasons.slice(RELATED.includes(member.relation) ? 1 : 0); // the first says what the relation is
    const reasons = further.length ? `: ${unbroken(further.join("; "))}` : "";
    block.append(element("p", "relation", element("b", "", RELATIONS[member.relation]), reasons));
  } else if (member.reasons.length) block.append(element("p", "relation", unbroken(member.reasons.join("; "))));
  if (member.made) block.append(madeFrom(member.made, group));
  if (member.disguise) block.append(element("p", "disguise", `${member.disguise}: ${bytesText(member.hidden)} without information`));
  return block;
}

function standing(member, group) {
  const odds = oddsOf(member);
  return element("div", `standing ${member.fate}`,
    odds && element("p", "odds", element("b", "", odds), " odds that the first is closer to the original"), element("p", "fate", fateOf(member, group)));
}

function row(member, group, base, look) {
  const item = element("li", "member", element("div", "place", String(member.place)), thumb(member, group, base, look), words(member, group), standing(member, group), figures(member, group, base, look));
  item.dataset.fate = member.fate;
  item.member = member;
  return item;
}

export function memberList(group, base, look) {
  const list = element("ol", "members");
  const add = (members) => list.append(...members.map((member) => row(member, group, base, look)));
  add(group.members.slice(0, MOST_MEMBERS));
  const rest = group.members.slice(MOST_MEMBERS);
  if (rest.length) {
    const more = element("li", "more", button("button", `Show ${plural(rest.length, "more file")}`, () => {
      more.remove();
      add(rest);
    }));
    list.append(more);
  }
  return list;
}

export function summaryOf(group) {
  const said = [plural(group.members?.length ?? group.n, "file")];
  if (group.freed) said.push(`${bytesText(group.freed)} would be freed`);
  if (group.reviews) said.push(`${group.reviews} for you to look at`);
  if (group.state === "related") said.push("nothing to put away");
  return said.join(" · ");
}

// base: before addresses of pictures. look: called with the group and a member.
export function groupCard(group, base, look) {
  const card = element("article", "group", element("header", "group-head", element("h2", "", `Group ${group.number}`), element("p", "", summaryOf(group))), memberList(group, base, look));
  card.id = `group-${group.number}`;
  card.dataset.state = group.state;
  return card;
}
