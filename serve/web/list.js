// The ranking as a list per picture: one row per version, with the odds against the next.
import { button, element, part } from "./dom.js";
import { drawWhenSeen } from "./thumbnails.js";
import { CANNOT_TELL, editsText, madeFrom, percent, plural, rivals, verdict } from "./words.js";

// found: pictures() of a ranking. choose and remove: called with a version.
export function showList(found, client, choose, remove) {
  part("lists").replaceChildren(...found.map((places, index) => {
    const list = element("ol", "ranking");
    list.setAttribute("aria-label", found.length > 1 ? `Picture ${index + 1}, closest to the original first` : "Closest to the original first");
    const close = rivals(places).length;
    for (const [position, members] of places.entries()) {
      const number = position <= close && close ? `1–${closeMembers(places)}` : placeNumber(members);
      for (const place of members) list.append(row(place, number, client, choose, remove));
      if (position + 1 < places.length) list.append(odds(members[0]));
    }
    const section = element("section", "picture");
    if (found.length > 1) {
      const count = places.flat().length;
      const { kind, title, text } = verdict(places);
      section.append(element("h3", "", `Picture ${index + 1}: ${plural(count, "version")}`));
      if (kind !== "alone") section.append(element("p", "sub-verdict", `${title}. ${text}`));
    }
    section.append(list);
    return section;
  }));
}

const closeMembers = (places) => places.slice(0, rivals(places).length + 1).flat().length;

const placeNumber = (members) => `${members[0].place}${members.length > 1 ? "=" : ""}`;

function row(place, number, client, choose, remove) {
  const { version } = place;
  const item = element("li", "version");
  item.version = version;
  const thumb = button("thumb", "", () => choose(version));
  thumb.setAttribute("aria-label", `Look at ${version.name}`);
  drawWhenSeen(thumb, version, client);
  const removing = button("remove", "remove", () => remove(version));
  removing.setAttribute("aria-label", `Remove ${version.name}`);
  item.append(element("div", "place", number), thumb, words(place), removing);
  return item;
}

function words(place) {
  const block = element("div", "words", element("p", "name", place.version.name), element("p", "claims", place.claims));
  if (place.same) {
    const equal = place.same === "file" ? "the same file as" : "the same pixels as";
    block.append(element("p", "same", `${equal} ${place.original.name}${place.differs.length ? ` (${place.differs.join(", ")})` : ""}`));
  }
  if (place.rule) block.append(element("p", "same", `behind the first: ${place.rule}`));
  if (place.parent) block.append(element("p", "claims", [`${madeFrom(place.descent)} ${place.parent.name}`, editsText(place.descent)].filter(Boolean).join("; ")));
  if (place.holds_more) block.append(element("p", "more", `Look before you discard it: ${place.holds_more}.`));
  const details = element("details", "", element("summary", "", summary(place)));
  const reasons = element("ul", "reasons");
  reasons.append(...(place.reasons ?? []).map(({ text, against }) => element("li", against ? "against" : "for", text)));
  details.append(reasons, element("p", "figures", `generation loss ${place.generation_loss.toFixed(4)} of 1; lower is closer to the original`));
  block.append(details);
  return block;
}

const summary = ({ reasons }) => (reasons?.length ? `Why: ${plural(reasons.length, "trace")}` : "Details");

function odds({ probability_closer_than_next: probability }) {
  if (probability < CANNOT_TELL) return element("li", "next close", "cannot tell");
  const item = element("li", "next", element("b", "", percent(probability)), " sure: closer than the next");
  return item;
}

// Marks the versions that the viewer shows.
export function mark(shown) {
  for (const item of document.querySelectorAll("#lists .version, #trees .member")) {
    const letter = "AB"[shown.indexOf(item.version)] ?? "";
    item.dataset.shown = letter;
    item.querySelector(".thumb, .look").setAttribute("aria-pressed", String(letter !== ""));
  }
}
