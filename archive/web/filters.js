// Which groups are shown: kept in the address after "#", so that it goes along from page to page and back.
import { element } from "./dom.js";

const KINDS = [
  ["", "any relation"], ["version", "versions"], ["same_pixels", "same pixels"], ["same_bytes", "same bytes"], ["alternate", "alternates"],
  ["part_of", "parts"], ["contains", "wholes of parts"],
];
const WHAT = [["", "All"], ["action", "Put away"], ["review", "To look at"], ["related", "Related only"]];
const BYTES = [[0, "any size"], [1e5, "0.1 MB or more freed"], [1e6, "1 MB or more freed"], [1e7, "10 MB or more freed"], [1e8, "100 MB or more freed"]];

export const readFilters = () => {
  const given = new URLSearchParams(location.hash.slice(1));
  return {
    what: given.get("what") ?? "", kind: given.get("kind") ?? "", folder: given.get("folder") ?? "", sure: given.get("sure") === "1",
    bytes: Number(given.get("bytes")) || 0, group: Number(given.get("group")) || 0,
  };
};

// The filters as an address after "#"; group: to go to, 0 for none.
export function hashOf({ what, kind, folder, sure, bytes }, group = 0) {
  const given = Object.entries({ what, kind, folder, sure: sure ? 1 : "", bytes: bytes || "", group: group || "" });
  const text = new URLSearchParams(given.filter(([, value]) => value !== "")).toString();
  return text && `#${text}`;
}

// one: a group's record, with `acts`, `reviews`, `kinds`, `folders` and `freed`.
export function passes(one, { what, kind, folder, sure, bytes }) {
  if (what === "action" && !one.acts) return false;
  if (what === "review" && !one.reviews) return false;
  if (what === "related" && one.state !== "related") return false;
  if (sure && (!one.acts || one.reviews)) return false;
  if (kind && !one.kinds.includes(kind)) return false;
  if (bytes && one.freed < bytes) return false;
  return !folder || one.folders.some((name) => name.toLowerCase().includes(folder.toLowerCase()));
}

const options = (pairs, chosen) => pairs.map(([value, text]) => new Option(text, value, false, String(value) === String(chosen)));

// A bar with all filters. changed: called with what is asked for, at once and whenever it changes. Gives {bar, say}.
export function filterBar(changed) {
  const state = readFilters();
  const count = element("output", "count");
  const kind = element("select", "", ...options(KINDS, state.kind));
  const bytes = element("select", "", ...options(BYTES, state.bytes));
  kind.setAttribute("aria-label", "Kind of relation");
  bytes.setAttribute("aria-label", "Bytes freed");
  const folder = Object.assign(element("input"), { type: "search", value: state.folder, placeholder: "part of a folder's name" });
  folder.setAttribute("aria-label", "Folder");
  const sure = Object.assign(element("input"), { type: "checkbox", checked: state.sure });
  const what = element("div", "segments", ...WHAT.map(([value, text]) => {
    const radio = Object.assign(element("input"), { type: "radio", name: "what", value, checked: state.what === value });
    radio.addEventListener("change", () => set({ what: value }));
    return element("label", "", radio, element("span", "", text));
  }));
  what.setAttribute("role", "radiogroup");
  what.setAttribute("aria-label", "What the plan does");

  function set(change) {
    Object.assign(state, change, { group: 0 });
    history.replaceState(null, "", hashOf(state) || "#");
    changed(state);
  }
  kind.addEventListener("change", () => set({ kind: kind.value }));
  bytes.addEventListener("change", () => set({ bytes: Number(bytes.value) }));
  folder.addEventListener("input", () => set({ folder: folder.value }));
  sure.addEventListener("change", () => set({ sure: sure.checked }));
  const bar = element("form", "filters", what, element("label", "check", sure, "sure only"), kind, bytes, folder, count);
  bar.addEventListener("submit", (event) => event.preventDefault());
  queueMicrotask(() => changed(state));
  return { bar, say: (text) => { count.textContent = text; } };
}
