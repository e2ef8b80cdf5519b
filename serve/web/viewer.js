// Two versions on one stage: zoom and pan move both; a slider, a split or blinking tells them apart.
const MOST_ZOOM = 32;
const BLINK_MS = 700;
const PAN_PX = 60;

const part = (id) => document.getElementById(id);

export class Viewer {
  constructor() {
    this.versions = [];
    this.images = [part("image-a"), part("image-b")];
    this.picks = [part("pick-a"), part("pick-b")];
    this.stage = part("stage");
    this.pointers = new Map();
    this.base = { width: 1, height: 1 }; // pixels of the larger version; both are laid out in it
    this.view = { zoom: 1, x: 0, y: 0 }; // screen pixels per base pixel; the base's corner in the pane
    this.fitted = true;
    this.mode = "slider";
    this.listen();
  }

  // versions: [{url, label, tag}], best first; keeps what is being compared when it is still there.
  show(versions) {
    const before = this.picks.map((pick) => this.versions[pick.value]?.url);
    this.versions = versions;
    const found = before.map((url) => versions.findIndex((version) => version.url === url));
    const [a, b] = found.every((index) => index >= 0) ? found : [0, 1];
    for (const pick of this.picks) {
      pick.replaceChildren(...versions.map(({ label }, index) => new Option(label, index)));
    }
    this.set(a, b);
  }

  // Shows two versions by their place from 0, and moves there.
  compare(a, b) {
    this.set(a, b);
    this.stage.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth", block: "center" });
    this.stage.focus({ preventScroll: true });
  }

  set(a, b) {
    const chosen = [this.versions[a], this.versions[b]];
    [a, b].forEach((value, index) => {
      this.picks[index].value = value;
      const { url, label, tag } = chosen[index];
      part(`tag-${"ab"[index]}`).textContent = `${"AB"[index]}: ${tag}`;
      this.images[index].alt = label;
      if (this.images[index].src !== url) this.images[index].src = url;
    });
    // A version this browser cannot decode stays empty; the other one is still shown.
    Promise.allSettled(this.images.map((image) => image.decode())).then(() => this.lay());
  }

  lay() {
    const sizes = this.images.map(({ naturalWidth: width, naturalHeight: height }) => ({ width, height }));
    const largest = sizes.reduce((best, size) => (size.width * size.height > best.width * best.height ? size : best));
    const width = largest.width || 1;
    const height = largest.height || 1;
    if (width !== this.base.width || height !== this.base.height) this.fitted = true;
    this.base = { width, height };
    for (const image of this.images) {
      image.style.width = `${width}px`;
      image.style.height = `${height}px`;
    }
    if (this.fitted) this.fit();
    else this.draw();
  }

  pane() {
    const { clientWidth, clientHeight } = this.stage;
    return { width: this.mode === "side" ? clientWidth / 2 : clientWidth, height: clientHeight };
  }

  fitZoom() {
    const pane = this.pane();
    return Math.min(pane.width / this.base.width, pane.height / this.base.height) || 1;
  }

  fit() {
    const pane = this.pane();
    const zoom = this.fitZoom();
    this.fitted = true;
    this.view = { zoom, x: (pane.width - zoom * this.base.width) / 2, y: (pane.height - zoom * this.base.height) / 2 };
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

  draw() {
    const pane = this.pane();
    const margin = 40; // of the picture always stays in sight
    const { zoom } = this.view;
    this.view.x = Math.min(pane.width - margin, Math.max(margin - zoom * this.base.width, this.view.x));
    this.view.y = Math.min(pane.height - margin, Math.max(margin - zoom * this.base.height, this.view.y));
    for (const image of this.images) {
      image.style.transform = `translate(${this.view.x}px, ${this.view.y}px) scale(${zoom})`;
      image.classList.toggle("pixels", zoom * this.base.width > 2 * image.naturalWidth);
    }
    const share = Number(part("wipe-range").value);
    part("pane-b").style.clipPath = this.mode === "slider" ? `inset(0 0 0 ${share}%)` : "";
    part("wipe").style.left = `${share}%`;
    part("zoom-text").textContent = `${Math.round(100 * zoom)} %`;
    this.stage.dataset.mode = this.mode;
  }

  setMode(mode) {
    this.mode = mode;
    document.querySelector(`input[name=mode][value=${mode}]`).checked = true;
    part("wipe-label").hidden = mode !== "slider";
    part("flip").hidden = mode !== "blink";
    clearInterval(this.blinking);
    this.reveal("a");
    // Whoever asked for less motion blinks by hand, with the button or the space bar.
    if (mode === "blink" && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.blinking = setInterval(() => this.flip(), BLINK_MS);
    }
    if (this.fitted) this.fit();
    else this.draw();
  }

  reveal(shown) {
    this.stage.dataset.shown = shown;
    part("flip").textContent = shown === "a" ? "Show B" : "Show A";
  }

  flip() {
    this.reveal(this.stage.dataset.shown === "a" ? "b" : "a");
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

  swap() {
    this.set(Number(this.picks[1].value), Number(this.picks[0].value));
  }

  listen() {
    for (const pick of this.picks) {
      pick.addEventListener("change", () => this.set(Number(this.picks[0].value), Number(this.picks[1].value)));
    }
    for (const radio of document.querySelectorAll("input[name=mode]")) {
      radio.addEventListener("change", () => this.setMode(radio.value));
    }
    part("wipe-range").addEventListener("input", () => this.draw());
    part("swap").addEventListener("click", () => this.swap());
    part("flip").addEventListener("click", () => this.flipByHand());
    part("zoom-in").addEventListener("click", () => this.zoomBy(1.5));
    part("zoom-out").addEventListener("click", () => this.zoomBy(1 / 1.5));
    part("zoom-fit").addEventListener("click", () => this.fit());
    this.stage.addEventListener("keydown", (event) => this.key(event));
    this.stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY / 400), ...this.inPane(event));
    }, { passive: false });
    this.stage.addEventListener("pointerdown", (event) => this.press(event));
    this.stage.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) this.stage.addEventListener(name, (event) => this.release(event));
    new ResizeObserver(() => (this.fitted ? this.fit() : this.draw())).observe(this.stage);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const share = Number(part("wipe-range").value);
    const actions = {
      ArrowLeft: () => this.panBy(PAN_PX, 0), ArrowRight: () => this.panBy(-PAN_PX, 0),
      ArrowUp: () => this.panBy(0, PAN_PX), ArrowDown: () => this.panBy(0, -PAN_PX),
      "+": () => this.zoomBy(1.25), "=": () => this.zoomBy(1.25), "-": () => this.zoomBy(0.8), 0: () => this.fit(),
      "[": () => this.wipeTo(share - 5), "]": () => this.wipeTo(share + 5), " ": () => this.flipByHand(),
      b: () => this.setMode(this.mode === "blink" ? "slider" : "blink"), s: () => this.swap(),
    };
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  }

  // Where a pointer is within its pane; both panes of the split show the same.
  inPane(event) {
    const box = this.stage.getBoundingClientRect();
    const x = event.clientX - box.left;
    return [this.mode === "side" ? x % (box.width / 2) : x, event.clientY - box.top];
  }

  press(event) {
    this.stage.setPointerCapture(event.pointerId);
    this.wiping = event.target === part("wipe");
    this.pointers.set(event.pointerId, event);
    this.stage.classList.add("dragging");
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const [other] = [...this.pointers.values()].filter((pointer) => pointer.pointerId !== event.pointerId);
    this.pointers.set(event.pointerId, event);
    if (this.wiping) {
      this.wipeTo((100 * this.inPane(event)[0]) / this.stage.clientWidth);
    } else if (other) {
      const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
      const [[x1, y1], [x2, y2]] = [this.inPane(event), this.inPane(other)];
      this.zoomBy(apart(event) / apart(before), (x1 + x2) / 2, (y1 + y2) / 2);
    } else {
      this.panBy(event.clientX - before.clientX, event.clientY - before.clientY);
    }
  }

  release(event) {
    this.pointers.delete(event.pointerId);
    this.wiping = false;
    if (!this.pointers.size) this.stage.classList.remove("dragging");
  }
}
