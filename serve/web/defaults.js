// Fills a form of training options with the defaults and bounds of the service's OpenAPI document.

export async function fillDefaults(form) {
  const answer = await fetch("openapi.json");
  if (!answer.ok) return; // empty fields are not sent, so the service uses its defaults
  const { components } = await answer.json();
  for (const [name, option] of Object.entries(components.schemas.TrainingOptions.properties)) {
    const input = form.elements[name];
    if (input?.type !== "number") continue;
    if (!input.value && option.default !== undefined) input.value = option.default;
    if (option.minimum !== undefined) input.min = option.minimum;
    if (option.maximum !== undefined) input.max = option.maximum;
  }
}
