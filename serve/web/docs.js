// Lists the endpoints of the OpenAPI document with a curl command for each.
import { element, part, say } from "./dom.js";

const example = (schema, document) => {
  const found = schema?.$ref ? document.components.schemas[schema.$ref.split("/").pop()] : schema;
  return found?.examples?.[0];
};

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// Arguments of curl that send this operation's body, in the first of its media types that fits a command line.
function body(operation, document) {
  const content = operation.requestBody?.content ?? {};
  if (content["application/json"]) {
    const given = example(content["application/json"].schema, document) ?? {};
    return ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(given))}`];
  }
  if (content["application/octet-stream"]) return ["--data-binary @copy.jpg"];
  if (content["application/zip"]) return ["-H 'Content-Type: application/zip'", "--data-binary @originals.zip"];
  const [field] = Object.keys(content["multipart/form-data"]?.schema.properties ?? {});
  return field ? [`-F ${field}=@copy1.jpg`, `-F ${field}=@copy2.png`] : [];
}

function command(path, method, operation, document) {
  const words = ["curl"];
  if (method !== "get" && !(method === "post" && operation.requestBody)) words.push(`-X ${method.toUpperCase()}`);
  if (operation.security?.length) words.push('-H "Authorization: Bearer $TOKEN"');
  words.push(...body(operation, document));
  if (operation.responses["200"]?.content?.["image/png"]) words.push("-o seen.png");
  words.push(`${location.origin}${path.replaceAll("{id}", "ID")}`);
  return words.join(" ");
}

function parameters(operation) {
  const list = element("dl");
  for (const { name, in: place, description, schema } of operation.parameters ?? []) {
    const standard = schema?.default === undefined ? "" : ` [${schema.default}]`;
    const shown = { query: `?${name}=`, header: `${name}:`, path: `{${name}}` }[place] ?? name;
    list.append(element("dt", "", `${shown}${standard}`), element("dd", "", description ?? ""));
  }
  return list;
}

function answers(operation, document) {
  const details = element("details", "", element("summary", "", "Answers"));
  const list = element("dl");
  for (const [status, { description }] of Object.entries(operation.responses)) {
    list.append(element("dt", "", status), element("dd", "", description));
  }
  details.append(list);
  const given = example(operation.responses["200"]?.content?.["application/json"]?.schema, document);
  if (given) details.append(element("pre", "", JSON.stringify(given, null, 2)));
  return details;
}

// Text between backticks is code.
const paragraph = (text) => element("p", "", ...text.split("`").map((piece, index) => (index % 2 ? element("code", "", piece) : piece)));

function endpoint(id, path, method, operation, document) {
  const article = element("article", "endpoint");
  article.id = id;
  const heading = element("h3", "", element("span", "method", method.toUpperCase()), path);
  const command_ = element("pre", "", command(path, method, operation, document));
  command_.tabIndex = 0;
  article.append(heading, ...operation.description.split("\n\n").map(paragraph), command_,
    parameters(operation), answers(operation, document));
  return article;
}

async function show() {
  const answer = await fetch("openapi.json");
  const document = await answer.json();
  part("about").textContent = document.info.description.replaceAll("**", "").replaceAll("`", "");
  const list = element("ul");
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const id = operation.operationId;
      const link = element("a", "", path);
      link.href = `#${id}`;
      list.append(element("li", "", element("span", "method", method.toUpperCase()), link, ` ${operation.summary}`));
      part("endpoints").append(endpoint(id, path, method, operation, document));
    }
  }
  part("contents").append(list);
  say("");
}

show().catch(() => say("The OpenAPI document cannot be read; is the service still running?"));
