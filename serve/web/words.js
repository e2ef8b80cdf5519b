// Words for odds and places.

export const CANNOT_TELL = 0.6; // as in the service: lower odds do not tell two versions apart
const MISSING = "by way of a version that is not here";
const UNLIKELY = 0.4; // between this and CANNOT_TELL, odds of a direct descent say nothing
const CERTAIN = 0.9; // odds of a direct descent that need not stand beside "made from"
export const SURE_ENOUGH = 0.9; // below, the verdict says "probably"

// "74 %": rounded down, so that no odds look better than they are.
export function percent(odds) {
  if (odds > 0.999) return "more than 99.9 %";
  return odds >= 0.99 ? `${(Math.floor(1000 * odds) / 10).toFixed(1)} %` : `${Math.floor(100 * odds)} %`;
}

// A name for display: writes out characters that would turn or break the text, except joiners of scripts and emoji.
export const legible = (name) => name.replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (found) => (
  `\\u{${found.codePointAt(0).toString(16)}}`));

const sentence = (text) => unbroken(text[0].toUpperCase() + text.slice(1));

export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// A ranking as pictures; a picture is a list of places in order, a place the list of versions that share it.
export function pictures(ranking) {
  const found = new Map();
  for (const place of ranking) {
    if (!found.has(place.picture)) found.set(place.picture, new Map());
    const places = found.get(place.picture);
    if (!places.has(place.place)) places.set(place.place, []);
    places.get(place.place).push(place);
  }
  return [...found.values()].map((places) => [...places.values()]);
}

// "edited: brighter, more saturated", or "".
export const editsText = (descent) => (descent?.edited ? `edited: ${unbroken(descent.edits.join(", "))}` : "");

// Prevents a line break between a number and its percent sign.
export const unbroken = (text) => text.replaceAll(" %", "\u00a0%");

// {proved, text} of a descent; after a proof, the text only says whether a version is missing.
export function certainty({ proof, direct, probability }) {
  if (proof) return { proved: true, text: direct ? "" : `; ${MISSING}` };
  const odds = probability < 0.01 ? "below 1 %" : percent(probability);
  if (probability <= UNLIKELY) return { proved: false, text: `a version seems to be missing between or above the two (directly: ${odds})` };
  return { proved: false, text: `${probability < CANNOT_TELL ? "perhaps" : "likely"}, ${odds}` };
}

// "made from" if a proof or odds of 90 % support it, else "perhaps made from": no odds stand beside these words.
export const madeFrom = ({ proof, probability }) => (proof || probability >= CERTAIN ? "made from" : "perhaps made from");

// Places of one picture that cannot be told apart from its first place.
export const rivals = (places) => places.slice(1).filter(([{ probability_worse_than_first: worse }]) => worse < CANNOT_TELL);

// The service's rule: a version with no content of its own, if its pixels equal another's or it is worse at these odds.
export const mayBeDiscarded = (place, sure) => (
  !place.holds_more && (place.same_as !== null || (place.probability_worse_than_first ?? 0) >= sure));

const list = (names) => (names.length > 4 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", "));

// The verdict about one picture: {kind, title, text}.
export function verdict(places) {
  const [first] = places;
  const { name } = first[0].version;
  const others = places.slice(1);
  if (!others.length) {
    if (first.length === 1) return { kind: "alone", title: `${name} stands alone`, text: "There is nothing to compare it with." };
    const equal = first.slice(1).every(({ same }) => same === "file") ? "are the same file" : "have the same pixels";
    return { kind: "same", title: `These ${first.length} files ${equal}`, text: "Keep whichever you like." };
  }
  const close = rivals(places);
  if (close.length) {
    const names = [name, ...close.map(([rival]) => rival.version.name)];
    const rest = others.length - close.length;
    const text = `The odds between them are below ${100 * CANNOT_TELL}\u00a0%.`
      + (rest ? ` ${rest === 1 ? "The other version is" : `The other ${rest} are`} farther from the original.` : "");
    return { kind: "tie", title: `Cannot tell these apart: ${list(names)}`, text };
  }
  const [nearest] = others.reduce((least, place) => (
    place[0].probability_worse_than_first < least[0].probability_worse_than_first ? place : least));
  const odds = nearest.probability_worse_than_first;
  const against = others.length === 1 ? `than ${nearest.version.name}` : `than ${nearest.version.name}, its strongest rival`;
  const kind = odds < SURE_ENOUGH ? "probable" : "sure";
  return {
    kind,
    title: `${name} is ${kind === "sure" ? "" : "probably "}closest to the original`,
    text: `${sentence(percent(odds))} sure that it is closer ${against}.`,
  };
}
