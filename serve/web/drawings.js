// The drawing of a version: by the browser, else a PNG from the service, else none; never a drawing of another version.
import { canvasOf } from "./dom.js";

const SMALL_PX = 160;
const SIDE_BY_SIDE = 2; // few at once, since decoded pictures are large

let running = 0;
const queue = [];

async function inTurn(action) {
  if (running >= SIDE_BY_SIDE) await new Promise((resume) => queue.push(resume));
  running++;
  try {
    return await action();
  } finally {
    running--;
    queue.shift()?.();
  }
}

export async function load(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

function describe(image, url, source, scale = 1) {
  const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale];
  const shrink = Math.min(1, SMALL_PX / Math.max(width, height));
  const small = canvasOf(width * shrink, height * shrink);
  const context = small.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, small.width, small.height);
  return { url, source, width: Math.round(width), height: Math.round(height), small };
}

async function draw(version, client) {
  if (version.gone) return { source: "none", why: "it was removed" };
  try {
    return describe(await load(version.url), version.url, "browser");
  } catch {
    // This browser cannot draw the format; the service can.
  }
  if (version.gone) return { source: "none", why: "it was removed" };
  try {
    const url = URL.createObjectURL(await client.preview(version.file));
    const image = await load(url);
    const { width_px: width, height_px: height } = version.scored.facts;
    return describe(image, url, "service", Math.max(width, height) / Math.max(image.naturalWidth, image.naturalHeight));
  } catch (error) {
    return { source: "none", why: error.message };
  }
}

// {url, source, width, height, small} of a version, or {source: "none", why}. A drawing is made once.
export function drawingOf(version, client) {
  version.drawing ??= inTurn(() => draw(version, client)).then((drawing) => {
    // A failure is not kept, since a later try may reach the service.
    if (drawing.source === "none") version.drawing = undefined;
    else if (version.gone) release(drawing);
    return drawing;
  });
  return version.drawing;
}

function release(drawing) {
  if (drawing.source === "service") URL.revokeObjectURL(drawing.url);
}

// Releases a version's object URLs, but only after a running drawing has ended.
export async function forget(version) {
  version.gone = true;
  const drawing = await version.drawing;
  if (drawing) release(drawing);
  URL.revokeObjectURL(version.url);
}
