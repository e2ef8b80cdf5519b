// Two pictures on top of each other, compared by slider, side by side or by blinking; zoom and pan move both.
import { part } from "./dom.js";

const MOST_ZOOM = 32;
const BLINK_MS = 700;

export class Stage {
  constructor() {
    this.element = part("stage");
    this.images = [part("image-a"), part("image-b")];
    this.together = null; // how the two lie on each other, from align.js
    this.view = { zoom: 1, x: 0, y: 0 }; // screen pixels per base pixel; the base's corner in the pane
    this.fitted = true;
    this.mode = "slider";
    this.mostDifferent = null; // in base pixels
    this.listen();
  }

  // together: from align.js. If A is the same picture as before, the visible part stays visible.
  lay(together) {
    const before = this.together;
    const same = before?.base.width === together.base.width && before.base.height === together.base.height;
    if (before?.first === together.first) this.keepInSight(before.places[0], together.places[0]);
    else if (!same) this.fitted = true;
    this.together = together;
    this.images.forEach((image, index) => {
      const { width, height } = this.together.places[index];
      image.style.width = `${width}px`;
      image.style.height = `${height}px`;
    });
    if (this.fitted) this.fit();
    else this.draw();
  }

  keepInSight(before, now) {
    const { zoom, x, y } = this.view;
    const closer = (zoom * before.width) / now.width;
    this.view = { zoom: closer, x: x + zoom * before.x - closer * now.x, y: y + zoom * before.y - closer * now.y };
  }

  pane() {
    const { clientWidth, clientHeight } = this.element;
    return { width: this.mode === "side" ? clientWidth / 2 : clientWidth, height: clientHeight };
  }

  fitZoom() {
    const [pane, base] = [this.pane(), this.together?.base ?? { width: 1, height: 1 }];
    return Math.min(pane.width / base.width, pane.height / base.height) || 1;
  }

  fit() {
    if (!this.together) return;
    const [pane, zoom, { base }] = [this.pane(), this.fitZoom(), this.together];
    this.fitted = true;
    this.view = { zoom, x: (pane.width - zoom * base.width) / 2, y: (pane.height - zoom * base.height) / 2 };
    this.draw();
  }

  // Zooms by a factor and keeps the point (x, y) of the pane where it is.
  zoomBy(factor, x = this.pane().width / 2, y = this.pane().height / 2) {
    const zoom = Math.min(MOST_ZOOM, Math.max(Math.min(1, this.fitZoom()) / 2, this.view.zoom * factor));
    const ratio = zoom / this.view.zoom;
    this.fitted = false;
    this.view = { zoom, x: x - (x - this.view.x) * ratio, y: y - (y - this.view.y) * ratio };
    this.draw();
  }

  panBy(x, y) {
    this.fitted = false;
    this.view.x += x;
    this.view.y += y;
    this.draw();
  }

  goToDifference() {
    const [pane, zoom] = [this.pane(), Math.max(2, this.fitZoom())];
    this.fitted = false;
    this.view = { zoom, x: pane.width / 2 - zoom * this.mostDifferent.x, y: pane.height / 2 - zoom * this.mostDifferent.y };
    this.draw();
  }

  draw() {
    if (!this.together) return;
    const [pane, { zoom }, { base, places }] = [this.pane(), this.view, this.together];
    const margin = 40; // pixels of the picture that always stay in sight
    this.view.x = Math.min(pane.width - margin, Math.max(margin - zoom * base.width, this.view.x));
    this.view.y = Math.min(pane.height - margin, Math.max(margin - zoom * base.height, this.view.y));
    this.images.forEach((image, index) => {
      const { x, y, width, matrix } = places[index];
      const own = x || y || matrix.join() !== "1,0,0,1,0,0" ? ` translate(${x}px, ${y}px) matrix(${matrix.join(", ")})` : "";
      image.style.transform = `translate(${this.view.x}px, ${this.view.y}px) scale(${zoom})${own}`;
      image.classList.toggle("pixels", zoom * width > 2 * image.naturalWidth);
    });
    const share = Number(part("wipe-range").value);
    part("pane-b").style.clipPath = this.mode === "slider" ? `inset(0 0 0 ${share}%)` : "";
    part("wipe").style.left = `${share}%`;
    part("zoom-text").textContent = `${Math.round(100 * zoom)} %`;
    this.element.dataset.mode = this.mode;
  }

  // aligned: whether the two are aligned, null if not yet known. Without alignment they are shown side by side.
  setAligned(aligned) {
    this.element.dataset.aligned = aligned ?? "";
    if (aligned === false && this.mode !== "side") {
      const before = this.mode;
      this.setMode("side");
      this.before = before;
    } else if (aligned && this.before) {
      this.setMode(this.before);
    }
  }

  setMode(mode) {
    this.mode = mode;
    this.before = null; // the mode to return to when two versions can be aligned again
    document.querySelector(`input[name=mode][value=${mode}]`).checked = true;
    part("wipe-label").hidden = mode !== "slider";
    part("flip").hidden = mode !== "blink";
    clearInterval(this.blinking);
    this.reveal("a");
    // With reduced motion the user blinks by hand, with the button or the space bar.
    if (mode === "blink" && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.blinking = setInterval(() => this.flip(), BLINK_MS);
    }
    if (this.fitted) this.fit();
    else this.draw();
  }

  reveal(shown) {
    this.element.dataset.shown = shown;
    part("flip").textContent = shown === "a" ? "Show B" : "Show A";
  }

  flip() {
    this.reveal(this.element.dataset.shown === "a" ? "b" : "a");
  }

  flipByHand() {
    if (this.mode !== "blink") this.setMode("blink");
    clearInterval(this.blinking);
    this.flip();
  }

  wipeTo(share) {
    part("wipe-range").value = share;
    this.draw();
  }

  listen() {
    for (const radio of document.querySelectorAll("input[name=mode]")) {
      radio.addEventListener("change", () => this.setMode(radio.value));
    }
    part("wipe-range").addEventListener("input", () => this.draw());
    const actions = {
      flip: () => this.flipByHand(), "zoom-in": () => this.zoomBy(1.5), "zoom-out": () => this.zoomBy(1 / 1.5),
      "zoom-fit": () => this.fit(), "go-there": () => this.goToDifference(),
    };
    for (const [id, action] of Object.entries(actions)) part(id).addEventListener("click", action);
    new ResizeObserver(() => (this.fitted ? this.fit() : this.draw())).observe(this.element);
  }
}
