// Where two aligned pictures differ most, pixel by pixel and colour by colour, and whether their tones differ.
import { canvasOf } from "./align.js";
import { load } from "./drawings.js";
import { element } from "./dom.js";

const CROP_PX = 150;
const SEARCH_PX = 900; // the longest side of what is searched
const VISIBLE = 1; // levels of mean difference of red, green and blue
const TONE = 6; // levels of 255
const SATURATION = 1.2; // times

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

// The corner of the CROP_PX square of the base that differs most, and by how many levels.
function mostDifferent(images, { base, places }) {
  const scale = Math.min(1, SEARCH_PX / Math.max(base.width, base.height));
  const box = { x: 0, y: 0, width: base.width * scale, height: base.height * scale };
  const [first, second] = images.map((image, index) => drawn(image, places[index], scale, box, true));
  const [a, b] = [first, second].map((canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data);
  const { width, height } = first;
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
      if (levels > best.levels) best = { x: x / scale, y: y / scale, levels };
    }
  }
  return best;
}

// Shows both at their most different place, at their own pixels. drawings: as drawingOf gives them; names: of both.
export async function showMostDifferent(target, drawings, together, names) {
  if (!together.agree) {
    target.replaceChildren(element("p", "note", "Pictures of different shapes are not compared pixel by pixel."));
    return null;
  }
  const images = await Promise.all(drawings.map(({ url }) => load(url)));
  const place = mostDifferent(images, together);
  if (place.levels < VISIBLE) {
    target.replaceChildren(element("p", "note", "Nowhere do these two differ in a way that shows."));
    return null;
  }
  const box = { x: Math.round(place.x), y: Math.round(place.y), width: CROP_PX, height: CROP_PX };
  target.replaceChildren(...images.map((image, index) => {
    const enlarged = together.base.width > drawings[index].width;
    const canvas = drawn(image, together.places[index], 1, box, !enlarged);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${names[index]} where the two differ most, at its own pixels`);
    return element("figure", "crop", canvas, element("figcaption", "", `${"AB"[index]}: ${names[index]}`));
  }));
  return { x: box.x + CROP_PX / 2, y: box.y + CROP_PX / 2 };
}

function toneOf({ small }) {
  const { data } = small.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, small.width, small.height);
  let [luma, colour] = [0, 0];
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue] = [data[at], data[at + 1], data[at + 2]];
    luma += 0.299 * red + 0.587 * green + 0.114 * blue;
    colour += Math.max(red, green, blue) - Math.min(red, green, blue);
  }
  return { luma: (4 * luma) / data.length, colour: (4 * colour) / data.length };
}

// "brightness", "saturation", both, or "" where two drawings agree.
export function differsInTone(first, second) {
  const [a, b] = [toneOf(first), toneOf(second)];
  const found = [];
  if (Math.abs(a.luma - b.luma) > TONE) found.push("brightness");
  if (Math.max(a.colour, b.colour) > SATURATION * Math.min(a.colour, b.colour) + 2) found.push("saturation");
  return found.join(" and ");
}
