// Helpers of all pages for their documents.

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

// A file's name with possible line breaks between its parts; a copied name contains none of them.
export const breakable = (name) => name.split(/(?<=[_-])|(?=\.[^.]*$)/).flatMap((part, index) => (index ? [document.createElement("wbr"), part] : [part]));
