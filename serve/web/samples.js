// Sample pictures from the service, to try the page with.
import { button, element, part, say } from "./dom.js";

const SAMPLES = {
  "a photo in four versions": ["cat-damaged.jpg", "cat-original.jpg", "cat-reposted.webp", "cat-shrunk.png"],
  "a drawing in two": ["drawing-damaged.jpg", "drawing-original.png"],
  "a screenshot in two": ["screenshot-damaged.jpg", "screenshot-original.png"],
};

async function fetchFile(name) {
  const answer = await fetch(`web/samples/${name}`);
  if (!answer.ok) throw new Error(name);
  return new File([await answer.blob()], name);
}

// Shows a button for each sample. add: called with the files of the chosen sample.
export function offerSamples(add) {
  part("samples").replaceChildren(element("span", "hint", "Nothing at hand? Try"), ...Object.entries(SAMPLES).map(([text, names]) => (
    button("link", text, async () => {
      try {
        add(await Promise.all(names.map(fetchFile)));
      } catch {
        say("The samples cannot be fetched; is the service still running?");
      }
    })
  )));
}
