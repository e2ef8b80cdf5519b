// Lays two pictures on each other: turned and mirrored where that makes them fit, stretched only where their shapes agree.

const SAME_SHAPE = 0.02; // aspect ratios that differ by less belong to the same frame
const SMALL_PX = 48;
const LEAST_CORRELATION = 0.4;
const MARGIN = 0.08; // a turn must fit better by this than no turn

// Each turn: a quarter turn swaps the sides; the matrix (as of CSS and canvas) takes a w x h picture to its turned place.
export const TURNS = [
  { text: "", swaps: false, matrix: () => [1, 0, 0, 1, 0, 0] },
  { text: "turned by 180°", swaps: false, matrix: (w, h) => [-1, 0, 0, -1, w, h] },
  { text: "mirrored", swaps: false, matrix: (w) => [-1, 0, 0, 1, w, 0] },
  { text: "turned by 180° and mirrored", swaps: false, matrix: (w, h) => [1, 0, 0, -1, 0, h] },
  { text: "turned by 90°", swaps: true, matrix: (w, h) => [0, 1, -1, 0, h, 0] },
  { text: "turned by 270°", swaps: true, matrix: (w) => [0, -1, 1, 0, 0, w] },
  { text: "turned by 90° and mirrored", swaps: true, matrix: () => [0, 1, 1, 0, 0, 0] },
  { text: "turned by 270° and mirrored", swaps: true, matrix: (w, h) => [0, -1, -1, 0, h, w] },
];

export function shapesAgree(first, second) {
  const ratio = (first.width * second.height) / (first.height * second.width);
  return Math.max(ratio, 1 / ratio) < 1 + SAME_SHAPE;
}

const turned = ({ width, height }, turn) => (turn.swaps ? { width: height, height: width } : { width, height });

// Luma of a drawing of so many pixels, as numbers.
export function lumaOf(canvas) {
  const { data } = canvas.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, canvas.width, canvas.height);
  const luma = new Float32Array(data.length / 4);
  for (let at = 0; at < luma.length; at++) luma[at] = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
  return luma;
}

export function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  return canvas;
}

function square(picture, turn) {
  const canvas = canvasOf(SMALL_PX, SMALL_PX);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.setTransform(...turn.matrix(SMALL_PX, SMALL_PX));
  context.drawImage(picture, 0, 0, SMALL_PX, SMALL_PX);
  return lumaOf(canvas);
}

function correlation(first, second) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [a, b] = [mean(first), mean(second)];
  let [products, squaresA, squaresB] = [0, 1e-6, 1e-6];
  for (let at = 0; at < first.length; at++) {
    const [x, y] = [first[at] - a, second[at] - b];
    products += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return products / Math.sqrt(squaresA * squaresB);
}

// The turn of TURNS that lays the second picture on the first; both {width, height, small}, small being drawable.
export function findTurn(first, second) {
  const possible = TURNS.filter((turn) => shapesAgree(first, turned(second, turn)));
  if (!possible.length) return TURNS[0];
  const wanted = square(first.small, TURNS[0]);
  const fits = possible.map((turn) => correlation(wanted, square(second.small, turn)));
  const best = fits.indexOf(Math.max(...fits));
  const asItIs = possible[0] === TURNS[0] ? fits[0] : -1;
  return fits[best] > Math.max(LEAST_CORRELATION, asItIs + MARGIN) ? possible[best] : TURNS[0];
}

// Where both go: {agree, base, turn, places: [{width, height, x, y, matrix}]}. Sizes are those before turning, x and y the
// corner in the base; pictures of other shapes keep their own scale, in the middle.
export function layTogether(first, second) {
  const turn = findTurn(first, second);
  const other = turned(second, turn);
  const agree = shapesAgree(first, other);
  const larger = first.width * first.height >= other.width * other.height ? first : other;
  const base = agree
    ? { width: larger.width, height: larger.height }
    : { width: Math.max(first.width, other.width), height: Math.max(first.height, other.height) };
  const places = [[first, TURNS[0]], [second, turn]].map(([picture, its]) => {
    const shown = agree ? base : turned(picture, its);
    const before = turned(shown, its);
    return {
      ...before, matrix: its.matrix(before.width, before.height), x: (base.width - shown.width) / 2, y: (base.height - shown.height) / 2,
    };
  });
  return { agree, base, turn, places };
}
