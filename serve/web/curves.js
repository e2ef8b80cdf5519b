// Learning curves: share of rightly ordered pairs after each epoch.
import { part } from "./dom.js";

export const percent = (share) => (share === null || share === undefined ? "–" : `${(100 * share).toFixed(1)} %`);

function shape(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

export function drawCurves(points, epochs) {
  const curves = [["training", "pair_accuracy"], ["validation", "validation_accuracy"]];
  const values = points.flatMap((point) => curves.map(([, key]) => point[key])).filter((value) => value !== null);
  const low = Math.floor(10 * Math.min(0.5, ...values)) / 10;
  const x = (epoch) => 65 + (520 * (epoch - 1)) / Math.max(1, epochs - 1);
  const y = (share) => 210 - (195 * (share - low)) / (1 - low);
  const drawn = [];
  for (let share = low; share <= 1.001; share += 0.1) {
    drawn.push(shape("line", { class: "grid", x1: 65, x2: 585, y1: y(share), y2: y(share) }));
    drawn.push(shape("text", { x: 58, y: y(share) + 4, "text-anchor": "end" }, `${Math.round(100 * share)} %`));
  }
  drawn.push(shape("text", { x: 65, y: 230 }, "epoch 1"), shape("text", { x: 585, y: 230, "text-anchor": "end" }, `${epochs}`));
  for (const [name, key] of curves) {
    const known = points.filter((point) => point[key] !== null);
    drawn.push(shape("polyline", { class: name, points: known.map((point) => `${x(point.epoch)},${y(point[key])}`).join(" ") }));
  }
  const last = points.at(-1);
  part("curves").setAttribute("aria-label", last
    ? `Learning curves: after epoch ${last.epoch}, training ${percent(last.pair_accuracy)}, validation ${percent(last.validation_accuracy)}`
    : "Learning curves: no epoch yet");
  part("curves").replaceChildren(...drawn);
}
