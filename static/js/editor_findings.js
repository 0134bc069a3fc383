// The findings of the text: in the text, and as a list of places to go to, a moment after each pause.
import { Latest } from "./editor_latest.js";
import { ticked } from "./ticked.js";

const PAUSE = 250;
const SHOWN = 25; // of one type; the others open in place
const TYPES = [
  ["ERROR", "Errors", "error"],
  ["SECURITY_WARNING", "Security warnings", "security warning"],
  ["WARNING", "Warnings", "warning"],
  ["SUGGESTION", "Suggestions", "suggestion"],
];
const byId = (id) => document.getElementById(id);

// Offsets count characters on the server, UTF-16 units here.
export function unitsOf(text) {
  if (!/[\ud800-\udbff]/.test(text)) return (offset) => offset;
  const units = [];
  let at = 0;
  for (const character of text) {
    units.push(at);
    at += character.length;
  }
  return (offset) => units[offset] ?? at;
}

export class Findings {
  constructor(editor) {
    this.editor = editor;
    this.found = [];
    this.listeners = [];
    this.views = null; // set by the page
    this.list = byId("findings-list");
    this.said = byId("findings-said");
    this.latest = new Latest(PAUSE, (signal) => this.ask(signal), (answer) => this.show(answer), () => this.lost());
    window.addEventListener("online", () => this.look());
    editor.onTextChange(() => this.latest.later());
    this.list.addEventListener("click", (event) => this.chosen(event));
  }

  look() {
    this.latest.now();
  }

  async ask(signal) {
    const text = this.editor.getText();
    const answer = await this.editor.post(this.editor.config.urls.findings, { text }, { signal });
    if (!answer.ok || answer.redirected) throw new Error(`findings: ${answer.status}`);
    return { text, findings: (await answer.json()).findings };
  }

  show({ text, findings }) {
    const units = unitsOf(text);
    this.found = findings.map((finding) => ({
      ...finding,
      line: finding.start.line,
      column: finding.start.column + 1,
      start: units(finding.start.offset),
      end: units(finding.end.offset),
      spans: finding.locations.map(({ start, end }) => ({ start: units(start.offset), end: units(end.offset) })),
    }));
    this.editor.ace.mark(this.found);
    this.render();
    for (const listener of this.listeners) listener(this.found);
  }

  lost() {
    this.said.textContent = "Not looked at: there is no connection to the server. What follows is of an earlier text.";
  }

  render() {
    const numbers = TYPES.map(([type, , word]) => [this.found.filter((one) => one.type === type).length, word]).filter(([number]) => number);
    const said = numbers.map(([number, word]) => `${number} ${word}${number === 1 ? "" : "s"}`).join(", ");
    const now = said ? `${said}.` : this.editor.getText().trim() ? "None." : "There is no text yet.";
    if (this.said.textContent !== now) this.said.textContent = now;
    const focused = document.activeElement?.dataset?.finding;
    const fresh = TYPES.flatMap(([type, title]) => this.group(title, this.found.filter((one) => one.type === type)));
    this.list.replaceChildren(...fresh);
    if (focused !== undefined) this.list.querySelector(`[data-finding="${focused}"]`)?.focus();
  }

  group(title, findings) {
    if (!findings.length) return [];
    const heading = document.createElement("h3");
    heading.textContent = title;
    const parts = [heading, this.places(findings.slice(0, SHOWN))];
    if (findings.length > SHOWN) {
      const more = document.createElement("details");
      const summary = document.createElement("summary");
      summary.textContent = `${findings.length - SHOWN} more ${title.toLowerCase()}`;
      more.className = "fold";
      more.dataset.type = title;
      more.open = this.list.querySelector(`[data-type="${title}"]`)?.open ?? false;
      more.append(summary, this.places(findings.slice(SHOWN)));
      parts.push(more);
    }
    return parts;
  }

  places(findings) {
    const list = document.createElement("ul");
    list.className = "places";
    list.append(...findings.map((finding) => this.item(finding)));
    return list;
  }

  item(finding) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.dataset.finding = this.found.indexOf(finding);
    button.textContent = `Line ${finding.line}, column ${finding.column}`;
    const about = document.createElement("a");
    about.className = "code";
    about.href = this.editor.config.urls.finding.replace("CODE", finding.code);
    about.target = "_blank";
    about.textContent = finding.code;
    about.title = "What this finding means, in a new tab";
    item.append(button, " ", ...ticked(finding.message), " ", about);
    return item;
  }

  chosen(event) {
    const button = event.target.closest("[data-finding]");
    if (button) this.goTo(this.found[Number(button.dataset.finding)]);
  }

  goTo(finding) {
    this.views?.goTo(finding.start, finding.end);
  }

  // To the finding after, or before, the cursor; round from the last to the first.
  step(direction) {
    if (!this.found.length) return;
    const cursor = this.views.cursor();
    const places = [...this.found].sort((a, b) => a.start - b.start);
    const next = direction > 0
      ? places.find(({ start }) => start > cursor) ?? places[0]
      : places.findLast(({ start }) => start < cursor) ?? places.at(-1);
    this.goTo(next);
  }
}
