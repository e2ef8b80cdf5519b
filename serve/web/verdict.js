// The card at the top: the result of the comparison, in words and odds.
import { differInTone } from "./differences.js";
import { drawingOf } from "./drawings.js";
import { button, element, part } from "./dom.js";
import { verdict } from "./words.js";

const MOST_LOOKED_AT = 7; // versions after the first that are checked for edits
const MOST_SAID = 2; // edits that the card names
const EDITS = "Edits of tone, saturation or sharpness can fool the ranking. Look before you decide.";

function card(kind, title, ...lines) {
  part("verdict").dataset.kind = kind;
  part("verdict").replaceChildren(element("h2", "", title), ...lines);
  part("verdict").hidden = false;
}

// found: pictures() of a ranking. onePicture: whether the user said that they are one. rankTogether: called if the user says so.
export async function showVerdict(found, client, onePicture, rankTogether) {
  if (found.length > 1) {
    card("warning", `These files seem to show ${found.length} different pictures`,
      element("p", "", "Each picture has a list of its own. Nothing is compared across pictures, and there is no winner among them."),
      button("button", "They show one picture: rank them together", rankTogether));
    return;
  }
  const [places] = found;
  const { kind, title, text } = verdict(places);
  const lines = [element("p", "odds", text)];
  const equal = places[0].slice(1).map(({ version }) => version.name);
  if (equal.length && places.length > 1) lines.push(element("p", "", `${equal.join(", ")}: the same pixels.`));
  const more = places.flat().filter(({ holds_more: held }) => held);
  if (more.length) lines.push(element("p", "more-here", held(more)));
  if (onePicture) lines.push(element("p", "", "That these files show one picture is your word; it was not checked."));
  if (["sure", "probable", "tie"].includes(kind)) lines.push(element("p", "caution", EDITS));
  const discard = element("a", "", "Keep or discard");
  discard.href = "#decide";
  const related = places.flat().some(({ parent }) => parent);
  const family = element("a", "", "Who was made from whom");
  family.href = "#family";
  lines.push(element("p", "to-decide", discard, related ? " · " : "", related ? family : ""));
  card(kind, title, ...lines);
  if (related) sayEdits(places);
  else if (places.length > 1) await warnOfEdit(places, client);
}

function held([{ version, holds_more: what }, ...others]) {
  const rest = others.length ? ` ${others.length} more hold something of their own.` : "";
  return `Look at ${version.name}, too: ${what}.${rest}`;
}

// Names the edits that the service found by comparing versions.
function sayEdits(places) {
  const edited = places.flat().filter(({ descent }) => descent?.edited);
  if (!edited.length) return;
  const said = edited.slice(0, MOST_SAID).map(({ version, descent, parent }) => (
    `${version.name} was edited: ${descent.edits.join(", ")}, compared with ${parent.name}. `));
  const more = edited.length > MOST_SAID ? `${edited.length - MOST_SAID} more were edited; the family tree shows which. ` : "";
  part("verdict").querySelector(".caution")?.replaceChildren(element("strong", "", `${said.join("")}${more}`), EDITS);
}

// Without known descents: warns of an edit if the first and another version differ in tone.
async function warnOfEdit([[first], ...others], client) {
  const shown = part("verdict").firstChild;
  const mine = await drawingOf(first.version, client);
  const differing = [];
  for (const [{ version }] of others.slice(0, MOST_LOOKED_AT)) {
    const drawing = await drawingOf(version, client);
    if (mine.source === "none" || drawing.source === "none") continue;
    const what = differInTone(mine, drawing);
    if (what) differing.push([version.name, what]);
  }
  if (part("verdict").firstChild !== shown || !differing.length) return; // the card has changed since
  const [[name, what]] = differing;
  const more = differing.length > 1 ? `, as do ${differing.length - 1} more` : "";
  part("verdict").querySelector(".caution")?.replaceChildren(
    element("strong", "", `${name} differs from ${first.version.name} in ${what}${more}: one of them was edited. `), EDITS);
}
