// The form of the policy editor: the same text as the JSON beside it, as statements, actions, resources and conditions.
//
//   const form = mountPolicyForm(container, api);   // form.update() after the text or the findings changed; form.destroy()
//
// api: getText(), setText(text, message), onTextChange(callback), kind ("identity", "trust", "scp", "rcp"), catalogue and
// resources (Catalogue and Known of policy_catalogue.js, or promises of them), findings() → those of the text; and where
// they are given onFindings(callback), goTo(offset), which shows a place of the text, readOnly, and history of the text:
// {canUndo(), canRedo(), undo(), redo()}. What is changed in the form changes the text of just that.
import { h, lazy, render } from "./dom.js";
import { readPolicy, setVersion, addStatement, setAll } from "./policy_model.js";
import { ticked } from "./policy_form_parts.js";
import { statementView } from "./policy_form_statement.js";
import { sentenceOf } from "./policy_words.js";

const PAUSE = 150;
const VERSIONS = ["2012-10-17", "2008-10-17"];
const EMPTY = { identity: { Effect: "Allow", Action: [], Resource: [] }, trust: { Effect: "Allow", Principal: {}, Action: "sts:AssumeRole" },
  scp: { Effect: "Deny", Action: [], Resource: "*" }, rcp: { Effect: "Deny", Principal: "*", Action: [], Resource: "*" } };
let forms = 0;

export function mountPolicyForm(container, api) {
  return new PolicyForm(container, api);
}

class PolicyForm {
  constructor(container, api) {
    this.container = container;
    this.api = api;
    this.kind = api.kind;
    this.id = `pf${(forms += 1)}`;
    this.states = [];
    this.made = 0;
    this.text = null;
    this.catalogue = null;
    this.root = document.createElement("div");
    this.status = document.createElement("div");
    this.root.className = "policy-form";
    this.status.className = "vh";
    this.status.setAttribute("role", "status");
    container.replaceChildren(this.root, this.status);
    this.stop = api.onTextChange(() => this.later());
    api.onFindings?.(() => this.later());
    this.stale = false;
    this.watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.stale && this.update());
    this.watch.observe(container);
    if (api.readOnly) this.root.classList.add("pf-readonly");
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    this.load();
  }

  async load() {
    render(this.root, h("p.mute", {}, "Loading the catalogue of actions…"));
    try {
      [this.catalogue, this.known] = await Promise.all([this.api.catalogue, this.api.resources]);
    } catch (error) {
      render(this.root, h("div.note.bad", {}, h("p", {}, `The form could not be loaded: ${error.message}. The JSON can be edited without it.`)));
      return;
    }
    this.read();
  }

  destroy() {
    clearTimeout(this.timer);
    this.stop?.();
    this.watch.disconnect();
    this.container.replaceChildren();
  }

  // The text or the findings may be others now.
  update() {
    clearTimeout(this.timer);
    if (!this.catalogue) return;
    this.stale = false;
    if (this.api.getText() === this.text) this.show();
    else this.read();
  }

  // After a pause, and not before somebody sees it.
  later() {
    this.stale = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { if (this.container.offsetParent) this.update(); }, PAUSE);
  }

  // Undo and redo by key, except within a text field, which has its own.
  onKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.matches("input:not([type=checkbox], [type=radio]), textarea")) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) this.travel("redo", "Done again.");
    else this.travel("undo", "Undone.");
  }

  read() {
    this.text = this.api.getText();
    this.policy = readPolicy(this.text, this.kind);
    if (!this.policy.error) this.align();
    this.show();
  }

  // Which statement is which after a change of the text: equal ones at the start and the end, the others by their order.
  align() {
    const raws = this.policy.statements.map((statement) => statement.raw);
    const old = this.states;
    let start = 0;
    while (start < Math.min(raws.length, old.length) && raws[start] === old[start].raw) start += 1;
    let end = 0;
    while (end < Math.min(raws.length, old.length) - start && raws[raws.length - 1 - end] === old[old.length - 1 - end].raw) end += 1;
    const middle = old.slice(start, old.length - end);
    this.states = raws.map((raw, index) => {
      const kept = index < start ? old[index] : index >= raws.length - end ? old[old.length - (raws.length - index)] : middle.shift();
      return Object.assign(kept ?? this.newState(), { raw });
    });
  }

  newState(open = false) {
    this.made += 1;
    return { id: `${this.id}-${this.made}`, open, version: 0, shown: new Set(), drawn: new Map(), sieves: new Map(), actions: {}, resources: {}, conditions: {}, principals: {} };
  }

  say(message) {
    this.status.textContent = "";
    setTimeout(() => { this.status.textContent = message; }, 30); // so that the same message is heard again
  }

  // Something of a statement that is not in the text changed: what is open, what is being chosen.
  touch(state, focus = null) {
    state.version += 1;
    this.show();
    if (focus) this.focus(focus);
  }

  focus(...ids) {
    ids.map((id) => document.getElementById(id)).find(Boolean)?.focus();
  }

  // --- Changes -------------------------------------------------------------------------------------------------------

  // Say in the statement why something was not done.
  refuse(state, message) {
    state.notice = message;
    this.touch(state);
    this.say(message);
  }

  // Change a statement: `make(policy, statement)` answers the whole text after it.
  edit(state, make, message, ...focus) {
    if (!this.isCurrent()) return false;
    const statement = this.policy.statements[this.states.indexOf(state)];
    if (!statement) return false;
    if (state.notice) Object.assign(state, { notice: "", version: state.version + 1 });
    return this.commit(make(this.policy, statement), message, ...focus);
  }

  // Whether the form stands on the present text; where it does not, it takes it over first.
  isCurrent() {
    if (this.api.getText() !== this.text) this.read();
    return !this.policy.error;
  }

  // `arrange` puts the states of the statements in their new order before the form is shown.
  commit(text, message, ...focus) {
    const arrange = typeof focus[0] === "function" ? focus.shift() : null;
    if (text === this.text || this.api.readOnly) return false;
    arrange?.();
    this.put(text, message);
    this.focus(...focus);
    return true;
  }

  put(text, message) {
    this.text = text;
    this.policy = readPolicy(text, this.kind);
    this.align();
    this.api.setText(text, message);
    this.show();
    this.say(message);
  }

  // Go back or forth in the history of the text, whichever view its steps were made in.
  travel(way, message) {
    const { history, readOnly } = this.api;
    if (readOnly || !history?.[way === "undo" ? "canUndo" : "canRedo"]()) return;
    history[way]();
    this.update();
    this.say(message);
  }

  add() {
    if (!this.isCurrent()) return;
    const state = this.newState(true);
    this.commit(addStatement(this.policy, EMPTY[this.kind]), `Statement ${this.policy.statements.length + 1} was added.`,
      () => this.states.push(state), `${state.id}-open`);
  }

  // --- Views ---------------------------------------------------------------------------------------------------------

  show() {
    if (this.policy.error) render(this.root, this.refusal(this.policy.error));
    else render(this.root, this.top(), this.others(), this.list(), this.bottom());
    if (this.api.readOnly) for (const field of this.root.querySelectorAll("input, select")) field.disabled = true;
  }

  refusal(error) {
    if (!this.text.trim()) {
      return h("div.empty", { key: "empty" }, h("p", {}, "There is no text yet."),
        h("button.btn.p", { type: "button", id: `${this.id}-start`, onclick: () => this.commit(setAll(EMPTY[this.kind]), "A policy was begun.") }, "Start a policy"));
    }
    return h("div.note.bad", { key: "error", role: "alert" },
      h("p", {}, h("strong", {}, `Line ${error.line}, column ${error.column}: `), ticked(error.message)),
      h("pre.code", {}, this.text.split(/\r\n|\n|\r/)[error.line - 1].slice(Math.max(0, error.column - 60), error.column + 60)),
      h("p", {}, "The form shows the policy as soon as its JSON can be read. Nothing is lost."),
      h("button.btn", { type: "button", onclick: () => this.goTo(error.offset) }, "Go to the place in the JSON"));
  }

  goTo(offset) {
    this.api.goTo?.(offset);
  }

  top() {
    const { version, statements } = this.policy;
    const choices = [...(version === null ? [["", "none: counts as 2008-10-17"]] : []), ...VERSIONS.map((one) => [one, one]),
      ...(version === null || VERSIONS.includes(version) ? [] : [[version, `${version}: not known`]])];
    const open = this.states.some((state) => state.open);
    return h("div.bar.pf-top", { key: "top" },
      h("label", { for: `${this.id}-version` }, "Version"),
      h("select", { id: `${this.id}-version`, value: version ?? "", onchange: (event) => this.chooseVersion(event.target) },
        choices.map(([value, label]) => h("option", { key: value, value }, label))),
      this.travelButtons(),
      statements.length > 1 && h("button.btn", { type: "button", key: "all", onclick: () => this.openAll(!open) }, open ? "Close all" : "Open all"),
      h("span.end", {}, `${statements.length} ${statements.length === 1 ? "statement" : "statements"}`));
  }

  travelButtons() {
    const { history, readOnly } = this.api;
    if (!history || readOnly) return null;
    return [
      h("button.btn", { type: "button", "aria-disabled": !history.canUndo(), onclick: () => this.travel("undo", "Undone.") }, "Undo"),
      h("button.btn", { type: "button", "aria-disabled": !history.canRedo(), onclick: () => this.travel("redo", "Done again.") }, "Redo"),
    ];
  }

  chooseVersion(field) {
    if (field.value && this.isCurrent()) this.commit(setVersion(this.policy, field.value), `The version is ${field.value}.`);
  }

  openAll(open) {
    for (const state of this.states) if (state.open !== open) Object.assign(state, { open, version: state.version + 1 });
    this.show();
  }

  others() {
    return this.policy.others.length > 0 && h("div", { key: "others" }, this.policy.others.map(({ key, text }) =>
      h("div.pf-odd", { key }, h("h2", {}, key), h("pre.code", { tabindex: "0", "aria-label": `${key} as JSON` }, text),
        h("p.mute.small", {}, "The form does not change this element: edit it in the JSON."))));
  }

  list() {
    const { statements } = this.policy;
    const found = this.findingsByStatement();
    return h("ol.pf-list", { key: "list" }, statements.map((statement, index) => {
      const state = this.states[index];
      const own = found.get(index) ?? [];
      const needs = [statement.raw, index, statements.length, state.version, this.kind, own.map((one) => `${one.code} ${one.message}`).join("\n")];
      return lazy(state.id, needs, () => statementView(this, statement, state, own));
    }));
  }

  // The findings of each statement by its index, where their path says which it is.
  findingsByStatement() {
    const found = new Map();
    for (const finding of this.api.findings?.() ?? []) {
      const path = (finding.path ?? []).map((step) => step.index ?? step.value ?? step);
      if (path[0] !== "Statement") continue;
      const index = this.policy.single ? 0 : path[1];
      if (typeof index !== "number") continue;
      if (!found.has(index)) found.set(index, []);
      found.get(index).push(finding);
    }
    return found;
  }

  sentence(statement) {
    return sentenceOf(statement.read, this);
  }

  bottom() {
    return h("p.pf-bottom", { key: "bottom" },
      this.policy.statements.length === 0 && h("span.mute", {}, "There is no statement: nothing is allowed or denied. "),
      h("button.btn.p", { type: "button", id: `${this.id}-add`, onclick: () => this.add() }, "Add a statement"));
  }
}
