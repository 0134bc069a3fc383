// One statement of the form: its sentence, its elements, and what can be done with it as a whole.
import { h } from "./dom.js";
import { duplicateStatement, moveStatement, removeStatement, setElement } from "./policy_model.js";
import { actionsSection } from "./policy_form_actions.js";
import { conditionsSection } from "./policy_form_conditions.js";
import { principalsSection } from "./policy_form_principals.js";
import { resourcesSection } from "./policy_form_resources.js";
import { ticked, typed } from "./policy_form_parts.js";
import { count } from "./policy_words.js";

const EFFECTS = ["Allow", "Deny"];
const WORDS = {
  ERROR: ["Error", "error"], SECURITY_WARNING: ["Security", "security warning"], WARNING: ["Warning", "warning"], SUGGESTION: ["Suggestion", "suggestion"],
};

export function statementView(form, statement, state, findings) {
  const { read } = statement;
  const number = statement.index + 1;
  return h("li.pf-statement", { class: read.effect === "Deny" ? "deny" : "allow" },
    h("div.pf-head", {},
      h("h2", {}, h("button.pf-open", {
        type: "button", id: `${state.id}-open`, "aria-expanded": state.open, "aria-controls": `${state.id}-body`,
        onclick: () => toggle(form, state),
      }, h("span.pf-number", {}, number), h("span", {}, read.sid && h("b.pf-sid", {}, read.sid), " ", h("span.pf-sentence", {}, `${form.sentence(statement)}.`)))),
      h("div.pf-acts", { role: "group", "aria-label": `Statement ${number}` }, acts(form, statement, state, number))),
    findings.length > 0 && (state.open ? findingsList(findings, number) : h("p.pf-findings", {}, findingCounts(findings))),
    h("div.pf-body", { id: `${state.id}-body`, role: "group", "aria-label": `Elements of statement ${number}`, hidden: !state.open }, state.open && body(form, statement, state)));
}

function findingsList(findings, number) {
  return h("ul.pf-findings", { "aria-label": `Findings of statement ${number}` }, findings.map((one, index) =>
    h("li", { key: `${one.code}-${index}`, class: one.type.toLowerCase() }, h("b", {}, WORDS[one.type]?.[0] ?? one.type), " ", ticked(one.message))));
}

// "1 error, 2 suggestions", the worst first.
function findingCounts(findings) {
  const words = Object.entries(WORDS).map(([type, [, one]]) => [type, one, findings.filter((finding) => finding.type === type).length]);
  return words.filter(([, , number]) => number).map(([type, one, number], index) => [index > 0 && ", ", h("span", { key: type, class: type.toLowerCase() }, h("b", {}, count(number, one)))]);
}

function toggle(form, state) {
  state.open = !state.open;
  form.touch(state);
}

function acts(form, statement, state, number) {
  const last = form.policy.statements.length;
  const act = (name, label, text, off, onclick) =>
    h("button.btn", { type: "button", key: name, id: `${state.id}-${name}`, "aria-label": `${label} statement ${number}`, title: label, "aria-disabled": off, onclick: off ? undefined : onclick }, text);
  return [
    act("up", "Move up", "↑", number === 1, () => move(form, state, -1)),
    act("down", "Move down", "↓", number === last, () => move(form, state, 1)),
    act("copy", "Duplicate", "Duplicate", false, () => duplicate(form, state)),
    act("remove", "Remove", "Remove", false, () => remove(form, state)),
  ];
}

function move(form, state, by) {
  const index = form.states.indexOf(state);
  const arrange = () => form.states.splice(index + by, 0, ...form.states.splice(index, 1));
  form.edit(state, (policy, statement) => moveStatement(policy, statement, by), `Statement ${index + 1} is now statement ${index + 1 + by}.`,
    arrange, `${state.id}-${by < 0 ? "up" : "down"}`);
}

function duplicate(form, state) {
  const copy = form.newState(true);
  const index = form.states.indexOf(state);
  form.edit(state, (policy, statement) => duplicateStatement(policy, statement, newSid(policy, statement)),
    `Statement ${index + 1} was duplicated as statement ${index + 2}.`, () => form.states.splice(index + 1, 0, copy), `${copy.id}-open`);
}

// A Sid stands once in a policy: the copy gets the next free number.
function newSid(policy, statement) {
  const { sid } = statement.read;
  if (!sid) return null;
  const taken = new Set(policy.statements.map((one) => one.read.sid));
  const stem = sid.replace(/\d+$/, "");
  let number = Number(/\d*$/.exec(sid)[0] || "1") + 1;
  while (taken.has(`${stem}${number}`)) number += 1;
  return `${stem}${number}`;
}

function remove(form, state) {
  const index = form.states.indexOf(state);
  const next = form.states[index + 1] ?? form.states[index - 1];
  form.edit(state, removeStatement, `Statement ${index + 1} was removed. Undo brings it back.`, () => form.states.splice(index, 1),
    next ? `${next.id}-open` : `${form.id}-add`);
}

function body(form, statement, state) {
  const { read } = statement;
  if (read.broken) return odd(read, state);
  return [
    state.notice && h("p.pf-notice", { key: "notice" }, state.notice),
    h("div.pf-row", { key: "sid" }, sidField(form, state, read), effectField(form, state, read)),
    form.kind === "trust" || form.kind === "rcp" ? principalsSection(form, statement, state) : null,
    actionsSection(form, statement, state),
    form.kind === "trust" ? null : resourcesSection(form, statement, state),
    conditionsSection(form, statement, state),
    ...odd(read, state),
  ];
}

function sidField(form, state, read) {
  if (read.taken.has("Sid")) return null;
  const id = `${state.id}-sid`;
  const save = (text) => form.edit(state, (policy, statement) => setElement(policy, statement, "Sid", text || null), text ? `The Sid is ${text}.` : "The Sid was removed.");
  return h("div.field", { key: "sid" },
    h("label", { for: id }, "Sid"),
    h("input", { id, type: "text", value: read.sid ?? "", spellcheck: "false", autocomplete: "off", "aria-describedby": `${id}-help`, ...typed(save) }),
    h("p.help", { id: `${id}-help`, class: /^[A-Za-z0-9]*$/.test(read.sid ?? "") ? "" : "wrong" }, "A name of your choice: letters and digits."));
}

function effectField(form, state, read) {
  if (read.taken.has("Effect")) return null;
  return h("fieldset.field.pf-effect", { key: "effect" }, h("legend", {}, "Effect"),
    EFFECTS.map((effect) => h("label", { key: effect },
      h("input", {
        type: "radio", id: `${state.id}-${effect}`, name: `${state.id}-effect`, value: effect, checked: read.effect === effect,
        onchange: () => form.edit(state, (policy, statement) => setElement(policy, statement, "Effect", effect), `The effect is ${effect}.`),
      }), effect)));
}

// What the form does not understand: shown as it is written, and left so.
function odd(read, state) {
  return read.odd.map(({ key, text }) => h("div.pf-odd", { key: `odd-${key}` },
    h("h3", { id: `${state.id}-odd-${key}` }, key || "This statement"),
    h("pre.code", { tabindex: "0", "aria-label": `${key || "The statement"} as JSON` }, text),
    h("p.mute.small", {}, "The form does not change this: edit it in the JSON.")));
}
