// The few things that all pages do to their documents.

export const part = (id) => document.getElementById(id);

export function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content.filter((one) => one !== undefined && one !== null && one !== ""));
  return made;
}

export function button(className, text, action) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}

export function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  return canvas;
}

export function say(text, busy = false) {
  part("status").textContent = text;
  part("status").classList.toggle("busy", busy);
}

// The parts of a file's name, between which a line may end; a copied name stays whole.
export const breakable = (name) => name.split(/(?<=[_-])|(?=\.[^.]*$)/).flatMap((part, index) => (index ? [document.createElement("wbr"), part] : [part]));
