// Keys, wheel and pointers on the stage: pan, zoom, move the slider, and swipe to the next version.
import { part } from "./dom.js";

const PAN_PX = 60;
const SWIPE_PX = 60;

// viewer: for the keys that step through versions and swap A and B.
export function listenToGestures(stage, viewer) {
  const { element } = stage;
  const pointers = new Map();
  let wiping = false;
  let swipe = null; // pointerdown event of a single finger while the whole picture is in sight

  const share = () => Number(part("wipe-range").value);
  const actions = {
    ArrowLeft: () => stage.panBy(PAN_PX, 0), ArrowRight: () => stage.panBy(-PAN_PX, 0),
    ArrowUp: () => stage.panBy(0, PAN_PX), ArrowDown: () => stage.panBy(0, -PAN_PX),
    "+": () => stage.zoomBy(1.25), "=": () => stage.zoomBy(1.25), "-": () => stage.zoomBy(0.8), 0: () => stage.fit(),
    "[": () => stage.wipeTo(share() - 5), "]": () => stage.wipeTo(share() + 5), " ": () => stage.flipByHand(),
    b: () => stage.setMode(stage.mode === "blink" ? "slider" : "blink"), s: () => viewer.swap(),
    n: () => viewer.step(1), p: () => viewer.step(-1),
  };

  // Position of a pointer within its pane; side by side, both panes have the same coordinates.
  function inPane(event) {
    const box = element.getBoundingClientRect();
    const x = event.clientX - box.left;
    return [stage.mode === "side" ? x % (box.width / 2) : x, event.clientY - box.top];
  }

  function move(event) {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const [other] = [...pointers.values()].filter((pointer) => pointer.pointerId !== event.pointerId);
    pointers.set(event.pointerId, event);
    if (wiping) {
      stage.wipeTo((100 * inPane(event)[0]) / element.clientWidth);
    } else if (other) {
      const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
      const [[x1, y1], [x2, y2]] = [inPane(event), inPane(other)];
      stage.zoomBy(apart(event) / apart(before), (x1 + x2) / 2, (y1 + y2) / 2);
    } else if (!swipe) {
      stage.panBy(event.clientX - before.clientX, event.clientY - before.clientY);
    }
  }

  function release(event) {
    if (swipe && event.type === "pointerup") {
      const [x, y] = [event.clientX - swipe.clientX, event.clientY - swipe.clientY];
      if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) viewer.step(x < 0 ? 1 : -1);
    }
    swipe = null;
    pointers.delete(event.pointerId);
    wiping = false;
    if (!pointers.size) element.classList.remove("dragging");
  }

  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    stage.zoomBy(Math.exp(-event.deltaY / 400), ...inPane(event));
  }, { passive: false });
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    wiping = event.target === part("wipe");
    swipe = event.pointerType === "touch" && stage.fitted && !wiping && !pointers.size ? event : null;
    pointers.set(event.pointerId, event);
    element.classList.add("dragging");
  });
  element.addEventListener("pointermove", move);
  for (const name of ["pointerup", "pointercancel"]) element.addEventListener(name, release);
}
