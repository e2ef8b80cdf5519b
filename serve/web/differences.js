// Finds where two aligned pictures differ most, over all pixels and colours, and whether their tones differ.
import { load } from "./drawings.js";
import { canvasOf, element } from "./dom.js";

const CROP_PX = 150;
const SEARCH_PX = 900; // longest side of the searched drawings
const VISIBLE = 1; // levels of 255: least mean difference of red, green and blue that shows
const TONE = 6; // levels of 255: larger differences of mean luma count as brightness
const SATURATION = 1.2; // ratio of mean colourfulness; above, saturation differs
const SAME_SHAPE = 1.02;

function drawn(image, { width, height, x, y, matrix }, scale, box, smooth) {
  const canvas = canvasOf(box.width, box.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "high";
  context.setTransform(scale, 0, 0, scale, -box.x, -box.y);
  context.translate(x, y);
  context.transform(...matrix);
  context.drawImage(image, 0, 0, width, height);
  return canvas;
}

const pixels = (canvas) => canvas.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, canvas.width, canvas.height).data;

// The square that differs most: {x, y} of its corner in base pixels, and the mean difference in levels. a, b: pixels of both.
function mostDifferent([a, b], width, height, overlap, scale) {
  const side = Math.max(4, Math.round(Math.min(CROP_PX * scale, width, height)));
  const step = Math.max(2, side >> 2);
  let best = { x: 0, y: 0, levels: -1 };
  for (let y = 0; y + side <= height; y += step) {
    for (let x = 0; x + side <= width; x += step) {
      let sum = 0;
      for (let row = y; row < y + side; row += 2) {
        for (let at = 4 * (row * width + x); at < 4 * (row * width + x + side); at += 8) {
          sum += Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2]);
        }
      }
      const levels = sum / (3 * Math.ceil(side / 2) ** 2);
      if (levels > best.levels) best = { x: overlap.x + x / scale, y: overlap.y + y / scale, levels };
    }
  }
  return best;
}

// Shows both pictures at their most different place, without scaling. drawings: from drawingOf; names: of both versions.
// Returns {place, tone}: the middle of that place in base pixels, or null if nothing shows, and the text of differsInTone.
export async function showMostDifferent(target, drawings, { overlap, places }, names) {
  const images = await Promise.all(drawings.map(({ url }) => load(url)));
  const scale = Math.min(1, SEARCH_PX / Math.max(overlap.width, overlap.height));
  const searched = { x: overlap.x * scale, y: overlap.y * scale, width: Math.floor(overlap.width * scale), height: Math.floor(overlap.height * scale) };
  const canvases = images.map((image, index) => drawn(image, places[index], scale, searched, true));
  const both = canvases.map(pixels);
  const tone = differsInTone(...both);
  const found = mostDifferent(both, canvases[0].width, canvases[0].height, overlap, scale);
  if (found.levels < VISIBLE) {
    target.replaceChildren(element("p", "note", "Nowhere do these two differ in a way that shows."));
    return { place: null, tone };
  }
  const box = { x: Math.round(found.x), y: Math.round(found.y), width: CROP_PX, height: CROP_PX };
  target.replaceChildren(...images.map((image, index) => {
    const enlarged = places[index].width > drawings[index].width + 1;
    const canvas = drawn(image, places[index], 1, box, !enlarged);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${names[index]} where the two differ most, at its own pixels`);
    return element("figure", "crop", canvas, element("figcaption", "", `${"AB"[index]}: ${names[index]}`));
  }));
  return { place: { x: box.x + CROP_PX / 2, y: box.y + CROP_PX / 2 }, tone };
}

function toneOf(data) {
  let [luma, colour] = [0, 0];
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue] = [data[at], data[at + 1], data[at + 2]];
    luma += 0.299 * red + 0.587 * green + 0.114 * blue;
    colour += Math.max(red, green, blue) - Math.min(red, green, blue);
  }
  return { luma: (4 * luma) / data.length, colour: (4 * colour) / data.length };
}

// "brightness", "saturation", both, or "" if the tones agree. first, second: pixels of two drawings of the same part.
export function differsInTone(first, second) {
  const [a, b] = [toneOf(first), toneOf(second)];
  const found = [];
  if (Math.abs(a.luma - b.luma) > TONE) found.push("brightness");
  if (Math.max(a.colour, b.colour) > SATURATION * Math.min(a.colour, b.colour) + 2) found.push("saturation");
  return found.join(" and ");
}

// The same for two whole pictures from drawingOf; also "" if their aspect ratios differ, so that they show different parts.
export function differInTone(first, second) {
  const ratio = (first.width * second.height) / (first.height * second.width);
  return Math.max(ratio, 1 / ratio) < SAME_SHAPE ? differsInTone(...[first, second].map(({ small }) => pixels(small))) : "";
}
