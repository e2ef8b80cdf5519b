// Lays one picture on another by the service's registration: only turned, scaled and shifted.

// Indexed by the service's turn: quarter turns counter-clockwise, from 4 on after mirroring. Each matrix (as in CSS and canvas)
// turns a w x h picture.
const TURNS = [
  { text: "", matrix: () => [1, 0, 0, 1, 0, 0] },
  { text: "turned 90° to the left", matrix: (w) => [0, -1, 1, 0, 0, w] },
  { text: "turned by 180°", matrix: (w, h) => [-1, 0, 0, -1, w, h] },
  { text: "turned 90° to the right", matrix: (w, h) => [0, 1, -1, 0, h, 0] },
  { text: "mirrored", matrix: (w) => [-1, 0, 0, 1, w, 0] },
  { text: "mirrored and turned 90° to the left", matrix: () => [0, 1, 1, 0, 0, 0] },
  { text: "flipped upside down", matrix: (w, h) => [1, 0, 0, -1, 0, h] },
  { text: "mirrored and turned 90° to the right", matrix: (w, h) => [0, -1, -1, 0, h, w] },
];
const SAME_SCALE = 0.005;
const SAME_SIZE = 0.01; // tolerance: the service shrinks large pictures and rounds their size

const percent = (share) => `${Math.round(100 * share)} %`;

// Whether browser and service agree on the sizes of both pictures. For some formats only one of them reads the orientation.
export function sizesAgree(first, second, { width_px, height_px, onto_width_px, onto_height_px }) {
  const sizes = [[second.width, width_px], [second.height, height_px], [first.width, onto_width_px], [first.height, onto_height_px]];
  return sizes.every(([shown, seen]) => Math.abs(shown - seen) <= 1 + SAME_SIZE * seen);
}

// Places for both pictures without alignment: whole, unturned, as large as fits into one frame.
export function wholeFrames(first, second) {
  const base = { width: Math.max(first.width, second.width), height: Math.max(first.height, second.height) };
  const places = [first, second].map(({ width, height }) => {
    const scale = Math.min(base.width / width, base.height / height);
    const shown = { width: scale * width, height: scale * height };
    return { ...shown, matrix: TURNS[0].matrix(), x: (base.width - shown.width) / 2, y: (base.height - shown.height) / 2 };
  });
  return { aligned: false, first, base, overlap: null, places, notes: [] };
}

// placement: of the second picture on the first, from POST /v1/alignments.
// Returns {aligned, first, base, overlap, places, notes}. The base holds both pictures, in pixels of the finer picture.
// A place has the size before the turn, its corner in the base and the matrix of the turn.
export function layTogether(first, placement) {
  const { turn, scale_x, scale_y, shift_x_px, shift_y_px, width_px, height_px } = placement;
  const finer = Math.max(1, 1 / Math.sqrt(scale_x * scale_y)); // base pixels per pixel of the first picture
  const [width, height] = turn % 2 === 1 ? [height_px, width_px] : [width_px, height_px];
  const onto = { left: 0, top: 0, right: finer * placement.onto_width_px, bottom: finer * placement.onto_height_px };
  const [left, top] = [finer * shift_x_px, finer * shift_y_px];
  const lying = { left, top, right: left + finer * scale_x * width, bottom: top + finer * scale_y * height };
  const corner = { x: Math.min(0, left), y: Math.min(0, top) };
  const base = { width: Math.max(onto.right, lying.right) - corner.x, height: Math.max(onto.bottom, lying.bottom) - corner.y };
  const places = [[onto, 0], [lying, turn]].map(([box, turns]) => {
    const shown = [box.right - box.left, box.bottom - box.top];
    const [before, across] = turns % 2 === 1 ? shown.toReversed() : shown;
    return { width: before, height: across, x: box.left - corner.x, y: box.top - corner.y, matrix: TURNS[turns].matrix(before, across) };
  });
  const overlap = {
    x: Math.max(0, left) - corner.x, y: Math.max(0, top) - corner.y,
    width: Math.min(onto.right, lying.right) - Math.max(0, left), height: Math.min(onto.bottom, lying.bottom) - Math.max(0, top),
  };
  return { aligned: true, first, base, overlap, places, notes: notes(placement, overlap, onto, lying) };
}

// Sentences: how B was turned and scaled to lie on A, and which share of each picture the other shows.
function notes({ turn, scale_x, scale_y }, overlap, ...boxes) {
  const scale = Math.sqrt(scale_x * scale_y);
  const scaled = Math.abs(scale - 1) > SAME_SCALE ? `${scale > 1 ? "enlarged" : "shrunk"} to ${percent(scale)}` : "";
  const done = [TURNS[turn].text, scaled].filter(Boolean).join(" and ");
  const found = done ? [`B is ${done} to lie on A.`] : [];
  const [ofA, ofB] = boxes.map(({ left, top, right, bottom }) => (overlap.width * overlap.height) / ((right - left) * (bottom - top)));
  if (ofA < 1 - SAME_SCALE) found.push(`B shows ${percent(ofA)} of A.`);
  if (ofB < 1 - SAME_SCALE) found.push(`A shows ${percent(ofB)} of B.`);
  return found;
}
