// Sends requests to the service: waits under overload, and says for every failure whether a retry can help.

const MOST_TRIES = 40;
const TOKEN_CODES = ["token_missing", "token_wrong"];
const AGAIN_CODES = ["body_timeout", "header_timeout", "overloaded", "not_ready"];

export class Failure extends Error {
  // kind: "token", "again" (a retry may succeed) or "final".
  constructor(kind, detail, problem = {}) {
    super(detail);
    this.kind = kind;
    this.problem = problem;
    this.code = problem.code;
  }
}

export class Client {
  constructor() {
    this.token = "";
    this.waits = () => {}; // called with the seconds until the next try under overload
  }

  // quiet: does not report overload, for requests in the background.
  async ask(path, { body, type, signal, quiet = false } = {}) {
    const headers = { "Content-Type": type ?? "application/octet-stream" };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    for (let tries = 1; ; tries++) {
      const answer = await this.fetch(path, { method: "POST", body, headers, signal });
      if (answer.ok) return answer;
      if ((answer.status === 429 || answer.status === 408) && tries < (answer.status === 429 ? MOST_TRIES : 3)) {
        const seconds = Number(answer.headers.get("Retry-After")) || 1;
        if (answer.status === 429 && !quiet) this.waits(seconds);
        await new Promise((resume) => setTimeout(resume, 1000 * seconds));
        signal?.throwIfAborted();
        continue;
      }
      const problem = await answer.json().catch(() => ({ detail: `the service answered ${answer.status}` }));
      const again = answer.status >= 500 || AGAIN_CODES.includes(problem.code);
      const kind = TOKEN_CODES.includes(problem.code) ? "token" : again ? "again" : "final";
      throw new Failure(kind, problem.detail, problem);
    }
  }

  async fetch(path, options) {
    try {
      return await fetch(`v1/${path}`, options);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      if (options.body instanceof Blob) await this.lookWhy(options.body);
      throw new Failure("again", "The service cannot be reached. Is it still running?");
    }
  }

  // A browser does not say why a request failed. If the cause is this file, its failure must not stop the other files.
  async lookWhy(file) {
    try {
      await file.slice(0, 1).arrayBuffer();
    } catch {
      throw new Failure("final", "the browser cannot read this file (any more)");
    }
    const alive = await fetch("livez").then((answer) => answer.ok, () => false);
    if (alive && file.size > 16e6) throw new Failure("final", "the service closed the connection; the file may be too large");
  }

  async version(file, signal) {
    return (await this.ask("versions?reasons=true", { body: file, signal })).json();
  }

  async ranking(ids, onePicture, signal) {
    const body = JSON.stringify({ versions: ids, one_picture: onePicture });
    return (await this.ask("rankings", { body, type: "application/json", signal })).json();
  }

  // The placement of the first version on the second.
  async alignment(ids) {
    const options = { body: JSON.stringify({ versions: ids }), type: "application/json", quiet: true };
    return (await (await this.ask("alignments", options)).json()).placement;
  }

  async preview(file) {
    return (await this.ask("preview", { body: file, quiet: true })).blob();
  }
}
