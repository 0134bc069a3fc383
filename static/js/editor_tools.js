// What changes the whole text: format, remove white space, shorten with a proof, split in several policies.
import { compacted, formatted, sizeOf } from "./policy_context.js";
import { ticked } from "./ticked.js";

const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en-US");

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function watchTools(editor, { saving }) {
  const box = byId("proposal");
  const newline = () => (editor.getText().includes("\r\n") ? "\r\n" : "\n");
  const tools = { format: byId("do-format"), compact: byId("do-compact"), shorten: byId("do-shorten"), split: byId("do-split"), undo: byId("do-undo") };
  if (editor.readOnly) {
    for (const button of Object.values(tools)) button.disabled = true;
    return;
  }
  tools.format.addEventListener("click", () => editor.setText(formatted(editor.getText(), "  ", newline())));
  tools.compact.addEventListener("click", () => editor.setText(compacted(editor.getText())));
  tools.undo.addEventListener("click", () => editor.ace.undo());
  const proposal = new Proposal(editor, box, saving, newline);
  tools.shorten.addEventListener("click", () => proposal.ask(tools.shorten, () => proposal.shorten()));
  tools.split.addEventListener("click", () => proposal.ask(tools.split, () => proposal.split()));
}

// A change that is looked at before it is taken over.
class Proposal {
  constructor(editor, box, saving, newline) {
    Object.assign(this, { editor, box, saving, newline });
  }

  async ask(button, work) {
    this.button = button;
    this.open(element("p", { className: "mute", textContent: "Being worked out…" }));
    try {
      await work();
    } catch {
      this.open(element("p", { textContent: "There is no connection to the server. Try again." }), this.bar());
    }
  }

  open(...children) {
    this.box.replaceChildren(...children);
    this.box.setAttribute("role", "status");
    this.box.hidden = false;
  }

  close() {
    this.box.hidden = true;
    this.box.replaceChildren();
    this.button?.focus();
  }

  bar(...buttons) {
    const made = buttons.map(([label, act]) => {
      const button = element("button", { type: "button", className: "btn p", textContent: label });
      button.addEventListener("click", act);
      return button;
    });
    const away = element("button", { type: "button", className: "btn", textContent: "Close" });
    away.addEventListener("click", () => this.close());
    return element("div", { className: "bar" }, ...made, away);
  }

  async post(url, body) {
    const answer = await this.editor.post(url, body);
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    if (answer.redirected || !isJson) throw new Error(`${answer.status}`);
    const said = await answer.json();
    if (answer.ok) return said;
    const place = said.line ? `Line ${said.line}, column ${said.column}: ` : "";
    this.open(element("p", {}, element("b", { textContent: "Not possible. " }), ...ticked(`${place}${said.message}.`.replace("..", "."))), this.bar());
    return null;
  }

  async shorten() {
    const text = this.editor.getText();
    const found = await this.post(this.editor.config.urls.shorter, { text });
    if (!found) return;
    const [before, after] = [sizeOf(text), sizeOf(found.text)];
    if (after >= before) {
      this.open(element("p", { textContent: "Nothing of it can be left out: every part has an effect." }), this.bar());
      return;
    }
    const list = element("ul", {}, ...found.done.map((line) => element("li", { textContent: line })));
    const take = () => {
      this.editor.setText(formatted(found.text, "  ", this.newline()));
      this.close();
      this.editor.ace.focus();
    };
    const proof = found.proved ? " It was proved that both allow and deny the same." : "";
    this.open(
      element("p", {}, element("b", { textContent: `${number.format(after)} characters instead of ${number.format(before)}.` }), proof),
      list, preview("The shorter text", formatted(found.text)), this.bar(["Take it over", take]),
    );
  }

  async split() {
    const { editor } = this;
    const text = editor.getText();
    const found = await this.post(editor.config.urls.split, { text, version: this.saving.saved.version });
    if (!found) return;
    const others = found.names.map((name, index) => preview(name, found.texts[index + 1]));
    const attached = found.bearers.length ? `attached to the ${found.bearers.length === 1 ? "identity" : `${found.bearers.length} identities`} that have this one` : "attached to nobody yet, as this one";
    const proof = found.proved ? "It was proved that together they allow and deny what the one does." : "The statements are shared out as they are; that they allow and deny the same was too much to prove in one go.";
    this.open(
      element("p", {}, element("b", { textContent: `${found.texts.length} policies, each within the quota. ` }), `The change also makes ${found.names.join(", ")}, ${attached}. ${proof}`),
      preview("This policy", found.texts[0]), ...others,
      this.bar(["Split", () => this.take(text)]),
    );
  }

  async take(text) {
    if (!(await this.settled())) return;
    const { editor, saving } = this;
    const said = await this.post(editor.config.urls.split, { text, version: saving.saved.version, take: true });
    if (!said) return;
    editor.setText(said.text);
    saving.took({ text: said.text, version: said.version });
    const back = async () => {
      if (!(await this.settled())) return;
      const undone = await this.post(editor.config.urls.split, { text, version: saving.saved.version, back: true });
      if (!undone) return;
      editor.setText(undone.text);
      saving.took({ text: undone.text, version: undone.version });
      this.close();
    };
    this.open(element("p", { textContent: `Split: the change now also makes ${said.names.join(", ")}.` }), this.bar(["Undo the split", back]));
  }

  // Whether the server has the text; a split is made of what it has.
  async settled() {
    await this.saving.now();
    if (!this.saving.dirty) return true;
    this.open(element("p", { textContent: "The text has to be saved first: see above why it is not." }), this.bar());
    return false;
  }
}

function preview(title, text) {
  return element("details", {}, element("summary", { textContent: `${title}: ${number.format(sizeOf(text))} characters` }), element("pre", { className: "code", textContent: text }));
}
