// The live panel: what the text grants and how that differs from what is published, a moment after each pause.
import { Latest } from "./editor_latest.js";
import { ticked } from "./ticked.js";

const PAUSE = 700;
const byId = (id) => document.getElementById(id);

export class Grants {
  constructor(editor) {
    this.editor = editor;
    this.panel = byId("grants");
    this.old = byId("live-old");
    this.latest = new Latest(PAUSE, (signal) => this.ask(signal), (answer) => this.show(answer), () => this.stale("no connection to the server"));
    this.waiting = "";
    this.panel.addEventListener("focusout", () => setTimeout(() => this.left()));
    window.addEventListener("online", () => this.look());
    editor.onTextChange(() => {
      this.panel.setAttribute("aria-busy", "true");
      this.latest.later();
    });
  }

  look() {
    this.latest.now();
  }

  async ask(signal) {
    const answer = await this.editor.post(this.editor.config.urls.grants, { text: this.editor.getText() }, { signal });
    if (!answer.ok || answer.redirected) throw new Error(`grants: ${answer.status}`);
    if (answer.headers.get("Content-Type").includes("json")) return { problem: await answer.json() };
    return { html: await answer.text() };
  }

  show({ html, problem }) {
    if (problem) {
      const more = problem.more ? ` There ${problem.more === 1 ? "is 1 more problem" : `are ${problem.more} more problems`}.` : "";
      this.stale(`line ${problem.line}, column ${problem.column}: ${problem.message}.${more}`.replace("..", "."));
      return;
    }
    this.fresh();
    const open = [...this.panel.querySelectorAll("details")].map(({ open: is }) => is);
    const within = this.panel.contains(document.activeElement);
    this.waiting = within ? html : "";
    if (within) return;
    this.panel.innerHTML = html;
    this.panel.querySelectorAll("details").forEach((details, index) => { details.open = open[index] ?? false; });
  }

  // Whoever reads the panel by keyboard keeps their place; the new answer comes when they leave it.
  left() {
    if (!this.waiting || this.panel.contains(document.activeElement)) return;
    this.panel.innerHTML = this.waiting;
    this.waiting = "";
  }

  fresh() {
    this.panel.setAttribute("aria-busy", "false");
    this.panel.classList.remove("old");
    this.old.hidden = true;
  }

  stale(why) {
    const known = this.panel.querySelector(".answer");
    this.panel.setAttribute("aria-busy", "false");
    this.panel.classList.add("old");
    this.old.hidden = false;
    this.old.replaceChildren(...ticked(`${known ? "Of an earlier text. Now" : "Not worked out"}: ${why}`));
    if (!known) this.panel.replaceChildren();
  }
}
