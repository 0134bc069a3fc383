// The views of one text: JSON, form, plain text field; one at a time, all of the same text.

const NAMES = ["json", "form", "plain"];
const KEPT = "policystudio:editor-view";
const byId = (id) => document.getElementById(id);

export class Views {
  constructor(editor, { data, findings, field }) {
    Object.assign(this, { editor, data, findings, field, form: null, shown: "" });
    this.tabs = new Map(NAMES.map((name) => [name, byId(`tab-${name}`)]));
    for (const [name, tab] of this.tabs) tab.addEventListener("click", () => this.show(name));
    this.tabs.get("json").parentElement.addEventListener("keydown", (event) => this.arrow(event));
    this.plain();
    let kept = "";
    try {
      kept = localStorage.getItem(KEPT) ?? "";
    } catch { /* a browser that keeps nothing shows JSON */ }
    this.show(NAMES.includes(kept) ? kept : "json");
  }

  show(name, { focus = false } = {}) {
    if (this.shown !== name) {
      for (const [other, tab] of this.tabs) {
        tab.setAttribute("aria-selected", String(other === name));
        tab.tabIndex = other === name ? 0 : -1;
        byId(`view-${other}`).hidden = other !== name;
      }
      this.shown = name;
      try {
        localStorage.setItem(KEPT, name);
      } catch { /* only this page knows it then */ }
    }
    if (name === "json") this.editor.ace.resize();
    if (name === "form") this.mount();
    if (focus) this.focus();
  }

  focus() {
    if (this.shown === "json") this.editor.ace.focus();
    else if (this.shown === "plain") this.field.focus();
    else this.tabs.get("form").focus();
  }

  arrow(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const name = NAMES[(NAMES.indexOf(this.shown) + step + NAMES.length) % NAMES.length];
    this.show(name);
    this.tabs.get(name).focus();
  }

  // Where the cursor, or the start of the selection, stands in the text.
  cursor() {
    if (this.shown !== "plain") return this.editor.ace.cursor();
    const text = this.editor.getText();
    const at = this.field.selectionStart;
    return text.includes("\r\n") ? this.field.value.slice(0, at).replace(/\n/g, "\r\n").length : at;
  }

  // To a stretch of the text in the view that is shown; the form goes to JSON, which has lines.
  goTo(start, end) {
    if (this.shown !== "plain") {
      this.show("json");
      this.editor.ace.goTo(start, end);
      return;
    }
    this.field.focus();
    const plain = (offset) => this.editor.getText().slice(0, offset).replace(/\r\n/g, "\n").length;
    this.field.setSelectionRange(plain(start), plain(end));
  }

  // The plain field and the text follow each other. A field has no CR LF: those of the text are put back.
  plain() {
    const { editor, field } = this;
    const show = () => {
      const plain = editor.getText().replace(/\r\n/g, "\n");
      if (field.value !== plain) field.value = plain;
    };
    field.addEventListener("input", () => {
      const windows = editor.getText().includes("\r\n");
      editor.setText(windows ? field.value.replace(/\n/g, "\r\n") : field.value);
    });
    editor.onTextChange(show);
    show();
  }

  async mount() {
    if (this.form) return;
    const container = byId("view-form");
    this.form = "loading";
    container.textContent = "The form is being loaded…";
    try {
      const [{ mountPolicyForm }, [catalogue, known]] = await Promise.all([import("./policy_form.js"), this.data]);
      container.textContent = "";
      const { editor, findings } = this;
      this.form = mountPolicyForm(container, {
        getText: editor.getText,
        setText: editor.setText,
        onTextChange: editor.onTextChange,
        kind: editor.config.kind,
        catalogue,
        known,
        resources: known,
        findings: () => findings.found,
        onFindings: (callback) => findings.listeners.push(callback),
        readOnly: editor.readOnly,
        goTo: (offset) => this.goTo(offset, offset),
        history: editor.ace.history,
      }) ?? "shown";
    } catch (error) {
      this.form = null;
      console.error(error);
      container.textContent = "The form could not be loaded. The JSON view has the whole text; reload the page to try again.";
    }
  }
}
