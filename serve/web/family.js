// Family trees, one for each picture: thumbnails, and the edits between parent and child.
import { breakable, button, element, part } from "./dom.js";
import { drawWhenSeen } from "./thumbnails.js";
import { certainty, editsText, madeFrom, plural, unbroken } from "./words.js";

// Widths in rem, as in family.css: a picture, and a line with its picture. Trees too wide for the page grow downwards.
const ROOT_REM = 10;
const GENERATION_REM = 20.5;

let tips = 0; // number of proof tips so far, for their ids

// found: pictures() of a ranking. choose: called with a version and its parent, if any.
export function showFamilies(found, client, choose) {
  const families = found.map(familyOf);
  part("family").hidden = !families.some(({ children }) => children.size);
  part("trees").replaceChildren(...families.map((family, index) => {
    const section = element("section", "picture");
    if (found.length > 1) section.append(element("h3", "", `Picture ${index + 1}: ${plural(family.members.length, "version")}`));
    const [first, ...apart] = family.roots;
    section.append(treeOf([first], family, client, choose));
    if (apart.length) {
      section.append(element("h3", "apart", "Not known to be made from any of the others"), treeOf(apart, family, client, choose));
    }
    return section;
  }));
  fitAll();
}

function familyOf(places) {
  const members = places.flat();
  const heads = members.filter(({ same }) => !same);
  const known = new Set(heads.map(({ version }) => version));
  const [children, copies] = [new Map(), new Map()];
  const add = (map, key, place) => map.set(key, [...(map.get(key) ?? []), place]);
  const roots = heads.filter((place) => {
    if (!known.has(place.parent)) return true;
    add(children, place.parent, place);
    return false;
  });
  for (const place of members.filter(({ same }) => same)) add(copies, place.original, place);
  return { members, roots, children, copies };
}

function depthOf(place, { children }) {
  return Math.max(0, ...(children.get(place.version) ?? []).map((child) => 1 + depthOf(child, { children })));
}

function treeOf(roots, family, client, choose) {
  const tree = element("ul", "tree", ...roots.map((place) => branch(place, family, client, choose)));
  tree.setAttribute("role", "list"); // some screen readers ignore lists without bullets
  tree.wide = ROOT_REM + GENERATION_REM * Math.max(...roots.map((place) => depthOf(place, family)));
  return tree;
}

function branch(place, family, client, choose) {
  const item = element("li", "kin", place.descent && edge(place), member(place, family, client, choose));
  const children = family.children.get(place.version);
  if (children) {
    const list = element("ul", "made", ...children.map((child) => branch(child, family, client, choose)));
    list.setAttribute("role", "list");
    item.append(list);
  }
  return item;
}

function edge({ descent, parent }) {
  const { proved, text } = certainty(descent);
  const sure = element("span", "sure-words", proved ? "" : unbroken(text));
  const block = element("div", `edge ${proved ? "proved" : "likely"}`,
    element("span", "changes", element("span", "visually-hidden", `${madeFrom(descent)} ${parent.name}: `), unbroken(descent.changes.filter((change) => !descent.edits.includes(change)).join(", "))),
    element("span", "line"), sure);
  if (proved) {
    const tip = element("span", "tip", descent.proof.sentence);
    tip.id = `proof-${++tips}`;
    tip.setAttribute("role", "tooltip");
    const shown = button("proof", "proved", () => shown.focus());
    shown.setAttribute("aria-describedby", tip.id);
    shown.addEventListener("keydown", ({ key }) => key === "Escape" && shown.blur());
    sure.append(shown, text);
    block.append(tip);
  }
  return block;
}

function member(place, { copies }, client, choose) {
  const { version, descent, facts, parent } = place;
  const picture = element("span", "kin-picture");
  drawWhenSeen(picture, version, client);
  const look = button("look", "", () => choose(version, parent));
  look.append(picture, element("span", "kin-words",
    element("span", "kin-name", `${place.place}. `, ...breakable(version.name)), element("span", "claims", ` ${facts.width_px} × ${facts.height_px}`)));
  look.title = parent ? `Look at it beside ${parent.name}` : "Look at it";
  const block = element("div", "member", look);
  block.version = version;
  if (descent?.edited) block.append(element("p", "edited", editsText(descent)));
  for (const copy of copies.get(version) ?? []) block.append(element("p", "claims", `same ${copy.same}: ${copy.version.name}`));
  return block;
}

function fitAll() {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  for (const tree of document.querySelectorAll("#trees .tree")) {
    tree.classList.toggle("across", part("trees").clientWidth >= rem * tree.wide);
  }
}

export function listenToFamilies() {
  new ResizeObserver(fitAll).observe(part("trees"));
}
