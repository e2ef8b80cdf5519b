// Thumbnails, drawn when they come into sight. Files that the browser cannot draw are sent to the service again.
import { drawingOf } from "./drawings.js";
import { element } from "./dom.js";

const inSight = new IntersectionObserver((entries) => {
  for (const { target } of entries.filter(({ isIntersecting }) => isIntersecting)) {
    inSight.unobserve(target);
    target.draw();
  }
}, { rootMargin: "300px" });

// Fills an element with a thumbnail of the version, once the element is in sight.
export function drawWhenSeen(target, version, client) {
  target.draw = () => drawingOf(version, client).then((drawing) => {
    target.replaceChildren(drawing.source === "none" ? "no preview" : copyOf(drawing.small));
  });
  inSight.observe(target);
}

// A canvas can be in one place only, and lists and trees are rebuilt often.
function copyOf(small) {
  const copy = element("canvas");
  copy.width = small.width;
  copy.height = small.height;
  copy.getContext("2d").drawImage(small, 0, 0);
  return copy;
}
