// Condition: what there is, and new ones from the keys that the chosen actions have and the operators that fit.
import { h } from "./dom.js";
import { combobox, matching } from "./combobox.js";
import { typeOfArn } from "./policy_arns.js";
import { addCondition, addValues, hasCondition, removeCondition, removeValues, setItem, setOperator } from "./policy_model.js";
import { chosenActions, kept } from "./policy_form_resources.js";
import { opener, removeButton } from "./policy_form_parts.js";
import { problemOf, valueField, valueType } from "./policy_form_values.js";
import { comparisonWords, conditionWords } from "./policy_words.js";

const DEFAULTS = { String: "StringEquals", ARN: "ArnLike", Bool: "Bool", Numeric: "NumericLessThanEquals", Date: "DateLessThan", IPAddress: "IpAddress", Binary: "BinaryEquals" };
const QUANTIFIERS = { ForAnyValue: "ForAnyValue: some value", ForAllValues: "ForAllValues: every value" };
const PAST = 200; // of values
const keys = new WeakMap(); // statement as it is read → the keys that fit it
const everyKey = new WeakMap(); // catalogue → the keys of all actions

export function conditionsSection(form, statement, state) {
  const { read } = statement;
  if (read.taken.has("Condition")) return null;
  const offered = kept(keys, read, () => keysOf(form, read));
  return h("section.pf-section", { key: "conditions", "aria-labelledby": `${state.id}-conditions` },
    h("div.pf-title", {}, h("h3", { id: `${state.id}-conditions` }, "Condition")),
    h("ul.pf-conditions", {}, read.conditions.map((condition, index) => row(form, state, condition, index, offered))),
    h("div.pf-add", {}, opener(form, state, "draft", "Add a condition")),
    state.shown.has("draft") && draftView(form, state, read, offered));
}

// The keys that requests for the statement's actions on its types may carry.
function keysOf(form, read) {
  const { catalogue } = form;
  const actions = chosenActions(form, read);
  if (actions.length) return withBothSpellings(catalogue, catalogue.keysFor(actions, typesOf(catalogue, read)));
  if (!read.action?.values.length) return catalogue.keysFor([]);
  if (!everyKey.has(catalogue)) everyKey.set(catalogue, catalogue.keysFor(catalogue.expand("*")));
  return everyKey.get(catalogue);
}

// AWS renamed SageMaker's …KmsKey to …KmsKeyArn and documents both: where it lists one for an action, either works.
function withBothSpellings(catalogue, found) {
  const names = new Set(found.map((key) => key.name));
  const other = (name) => (name.endsWith("KmsKeyArn") ? name.slice(0, -3) : name.endsWith("KmsKey") ? `${name}Arn` : name);
  const missing = found.filter((key) => !names.has(other(key.name)) && catalogue.key(other(key.name)));
  return [...found, ...missing.map((key) => ({ ...catalogue.key(other(key.name)), all: key.all }))];
}

function typesOf(catalogue, read) {
  const values = read.resource && !read.resource.not ? read.resource.values : [];
  const found = values.map((value) => typeOfArn(catalogue, value));
  return values.length && found.every(Boolean) ? found.map(({ type }) => type.name) : null;
}

// --- What there is ---------------------------------------------------------------------------------------------------

function row(form, state, condition, index, offered) {
  const key = form.catalogue.key(condition.key);
  const parts = form.catalogue.readOperator(condition.operator);
  const id = `${state.id}-condition-${index}`;
  return h("li", { key: `${condition.key} ${index}` }, h("div.pf-condition", { role: "group", "aria-label": `Condition on ${condition.key}` },
    h("div.pf-key", {}, h("code", {}, condition.key), " ", h("small", {}, key ? typeWords(key) : ""), flag(key, parts, offered),
      removeButton(`${id}-remove`, `the condition on ${condition.key}`, () => form.edit(state, (policy, statement) => removeCondition(policy, statement, statement.read.conditions[index]),
        `The condition on ${condition.key} was removed.`, `${state.id}-condition-${Math.max(0, index - 1)}-remove`, `${state.id}-draft`))),
    h("div.pf-how", {}, operatorFields(form, id, condition.key, key, parts, condition.operator, (operator) => changeOperator(form, state, index, operator)),
      values(form, state, condition, index, id, key, parts))));
}

const typeWords = (key) => (key.multiple ? `several values of type ${key.type}` : key.type);

function flag(key, parts, offered) {
  const wrong = [
    !key && "not a key that AWS lists",
    key && !offered.some((one) => one.name === key.name) && "none of the actions has this key",
    !parts && "an operator that AWS does not list",
    key && parts && !parts.operator.types.includes(key.type) && `the operator does not fit: the key is of type ${key.type}`,
    key && parts && key.multiple && !parts.quantifier && parts.operator.name !== "Null" && "the key has several values: say of how many it must hold",
    key && parts?.quantifier && !key.multiple && "the key has one value: it needs no ForAnyValue or ForAllValues",
  ].filter(Boolean);
  return wrong.map((text) => h("strong.pf-wrong", { key: text }, text));
}

// The choice of an operator: of those that fit, with the present one in any case.
function operatorFields(form, id, name, key, parts, text, set) {
  const type = key?.type ?? parts?.operator.types[0] ?? "String";
  const fitting = form.catalogue.operatorsFor(type);
  const now = parts?.operator.name;
  const write = (change) => set(operatorText({ quantifier: parts?.quantifier ?? "", operator: now, ifExists: Boolean(parts?.ifExists), ...change }));
  const isNull = now === "Null";
  return [
    (key?.multiple || parts?.quantifier) && !isNull && h("select", { key: "quantifier", id: `${id}-quantifier`, "aria-label": `Of how many values of ${name}`, value: quantifierOf(parts), onchange: (event) => write({ quantifier: event.target.value }) },
      (!parts?.quantifier || !key?.multiple) && h("option", { key: "none", value: "" }, "no quantifier"),
      Object.entries(QUANTIFIERS).map(([value, label]) => h("option", { key: value, value }, label))),
    h("select", { key: "operator", id: `${id}-operator`, "aria-label": `Operator for ${name}`, value: now ?? text, onchange: (event) => write(operatorChange(event.target.value, key, parts)) },
      !fitting.some((one) => one.name === now) && h("option", { key: "odd", value: now ?? text }, now ?? text),
      fitting.map((one) => h("option", { key: one.name, value: one.name }, one.name === "Null" ? "Null: is missing or present" : `${one.name}: ${comparisonWords(one.name)}`))),
    parts?.quantifier.toLowerCase() === "forallvalues" && h("small.pf-exists", { key: "none-there" }, "holds too where the key is missing"),
    parts && !isNull && h("label.pf-exists", { key: "exists" }, h("input", { type: "checkbox", id: `${id}-exists`, checked: parts.ifExists, onchange: (event) => write({ ifExists: event.target.checked }) }), "or the key is missing (IfExists)"),
  ];
}

const quantifierOf = (parts) => Object.keys(QUANTIFIERS).find((one) => one.toLowerCase() === parts?.quantifier.toLowerCase()) ?? "";

// Null asks of the key itself; any other operator of a key with several values needs a quantifier.
function operatorChange(operator, key, parts) {
  if (operator === "Null") return { operator, quantifier: "", ifExists: false };
  return { operator, ...(key?.multiple && !parts?.quantifier ? { quantifier: "ForAnyValue" } : {}) };
}

export function operatorText({ quantifier, operator, ifExists }) {
  return `${quantifier ? `${quantifier}:` : ""}${operator}${ifExists ? "IfExists" : ""}`;
}

function changeOperator(form, state, index, operator) {
  const statement = form.policy.statements[form.states.indexOf(state)];
  const condition = statement.read.conditions[index];
  if (operator === condition.operator) return;
  if (hasCondition(form.policy, statement, operator, condition.key)) {
    form.refuse(state, `There is a condition with ${operator} on ${condition.key} already: add the values there.`);
    return;
  }
  const focused = document.activeElement?.id;
  form.edit(state, (policy, one) => setOperator(policy, one, one.read.conditions[index], operator), `${condition.key} is compared with ${operator}.`);
  const now = form.policy.statements[form.states.indexOf(state)].read.conditions.findIndex((one) => one.operator === operator && one.key === condition.key);
  form.focus(focused?.replace(`condition-${index}-`, `condition-${now}-`));
}

function values(form, state, condition, index, id, key, parts) {
  const type = valueType(parts, key);
  const shown = condition.values.slice(0, PAST);
  const add = () => form.edit(state, (policy, statement) => addValues(policy, parentOf(statement.read.conditions[index]), condition.key, [""]), "A value was added.", `${id}-value-${condition.values.length}`);
  return h("ul.pf-values", { key: "values", "aria-label": `Values of ${condition.key}` },
    shown.map((value, at) => h("li", { key: at }, valueField(form, {
      id: `${id}-value-${at}`, label: `Value ${at + 1} of ${condition.key}`, type, name: condition.key, value: value.text, negates: parts?.operator.name === "Null",
      save: (text) => saveValue(form, state, index, at, text),
    }), value.text !== "" && problem(type, value.text),
    condition.values.length > 1 && removeButton(`${id}-gone-${at}`, `value ${at + 1} of ${condition.key}`, () => form.edit(state, (policy, statement) => removeValues(policy, statement.read.conditions[index].path, [at]),
      `${value.text} was removed.`, `${id}-value-${Math.min(at, condition.values.length - 2)}`)))),
    condition.values.length > PAST && h("li", { key: "past" }, `${condition.values.length - PAST} more: see the JSON.`),
    type !== "Bool" && h("li", { key: "add" }, h("button.link", { type: "button", id: `${id}-add`, onclick: add }, condition.values.length ? "Add another value" : "Add a value")));
}

const parentOf = (condition) => condition.path.slice(0, -1);

function problem(type, text) {
  const wrong = problemOf(type, text);
  return wrong && h("strong.pf-wrong", {}, wrong);
}

// JSON's true and false stay what they are; everything else is text.
function saveValue(form, state, index, at, text) {
  form.edit(state, (policy, statement) => {
    const condition = statement.read.conditions[index];
    const before = condition.values[at];
    if (!before || before.text === text) return policy.doc.text;
    const value = before.kind === "boolean" && /^(?:true|false)$/.test(text) ? text === "true" : text;
    return setItem(policy, condition.path, condition.single, at, value);
  }, `The value is ${text || "empty"}.`);
}

// --- A new one -------------------------------------------------------------------------------------------------------

function draftView(form, state, read, offered) {
  const draft = state.conditions;
  const set = (change, ...focus) => {
    state.conditions = { ...state.conditions, ...change };
    form.touch(state, focus[0]);
  };
  const key = draft.key ? form.catalogue.key(draft.key) : null;
  return h("fieldset.pf-picker", { key: "draft" }, h("legend", {}, "New condition"),
    h("div.pf-fields", {},
      h("div.field.pf-wide", {}, h("span.label", { "aria-hidden": "true" }, "Key"), keyField(form, state, draft, offered, set)),
      key?.template && h("div.field", { key: "tag" }, h("span.label", { "aria-hidden": "true" }, variableOf(key)), tagField(form, state, draft, key, set))),
    key && keyNotes(key, offered),
    draft.key && !key && h("p.pf-hint", {}, `${draft.key} is not a key that AWS lists.`),
    key && draftRest(form, state, draft, key, set));
}

const variableOf = (key) => /\$\{([^}]*)\}/.exec(key.name)[1].replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().replace(/^./, (sign) => sign.toUpperCase());

function keyField(form, state, draft, offered, set) {
  const options = offered.map((key) => ({ value: key.name, note: [typeWords(key), !key.all && "of some of the actions"].filter(Boolean).join(", ") }));
  return combobox({
    id: `${state.id}-draft-key`, label: "Condition key", value: draft.key ?? "", placeholder: "search the keys of these actions",
    options: (text) => matching(options, text === draft.key ? "" : text),
    onchoose: (text) => {
      const key = form.catalogue.key(text.trim());
      const next = key?.template ? `${state.id}-draft-tag` : key ? `${state.id}-draft-value-0` : null;
      set({ key: key?.name ?? text.trim(), tag: "", operator: null, quantifier: null, ifExists: false, values: [""] }, next);
    },
  });
}

function tagField(form, state, draft, key, set) {
  return combobox({
    id: `${state.id}-draft-tag`, label: variableOf(key), value: draft.tag ?? "", oninput: (tag) => set({ tag }), onchoose: (tag) => set({ tag }, `${state.id}-draft-value-0`),
    options: (text) => matching(/tag\//i.test(key.name) ? Object.keys(form.known.tags).map((value) => ({ value })) : [], text),
  });
}

function keyNotes(key, offered) {
  const own = offered.find((one) => one.name === key.name);
  return [
    !own && h("p.pf-hint", { key: "none" }, "None of the actions has this key: the condition would look at a key that is not there."),
    own && !own.all && h("p.pf-hint", { key: "some" }, "Not every action of the statement has this key: for the others it is missing. Give them a statement of their own, or use IfExists."),
    key.when && h("p.mute.small", { key: "when" }, `In a request: ${key.when}`),
  ];
}

function draftRest(form, state, draft, key, set) {
  const name = key.template ? key.name.replace(/\$\{[^}]*\}/, draft.tag ?? "") : key.name;
  const quantifier = key.multiple ? (draft.quantifier ?? "ForAnyValue") : "";
  const operator = operatorText({ quantifier: draft.operator === "Null" ? "" : quantifier, operator: draft.operator ?? DEFAULTS[key.type], ifExists: draft.ifExists });
  const parts = form.catalogue.readOperator(operator);
  const take = (text) => {
    const chosen = form.catalogue.readOperator(text);
    set({ operator: chosen.operator.name, quantifier: chosen.quantifier || draft.quantifier, ifExists: chosen.ifExists });
  };
  const id = `${state.id}-draft`;
  const ready = draft.values.some((value) => value !== "") && !(key.template && !draft.tag);
  return h("div", { key: "rest" },
    h("div.pf-how", {}, operatorFields(form, id, name, key, parts, operator, take), draftValues(form, draft, key, parts, name, id, set)),
    ready && h("p.pf-preview", { key: "preview" }, `Applies if ${conditionWords({ operator, key: name, values: draft.values.filter(Boolean).map((text) => ({ text })) }, form.catalogue)}.`),
    h("button.btn.p", { type: "button", id: `${id}-add`, "aria-disabled": !ready, onclick: () => ready && finish(form, state, operator, name) }, "Add this condition"));
}

function draftValues(form, draft, key, parts, name, id, set) {
  const type = valueType(parts, key);
  const values = type === "Bool" ? draft.values.slice(0, 1) : draft.values;
  return h("ul.pf-values", { key: "values", "aria-label": `Values of ${name}` },
    values.map((value, at) => h("li", { key: `${type} ${at}` }, valueField(form, {
      id: `${id}-value-${at}`, label: `Value ${at + 1} of ${name}`, type, name, value, negates: parts?.operator.name === "Null", live: true,
      save: (text) => text !== value && set({ values: draft.values.map((one, index) => (index === at ? text : one)) }),
    }), value !== "" && problem(type, value))),
    type !== "Bool" && h("li", { key: "add" }, h("button.link", { type: "button", onclick: () => set({ values: [...draft.values, ""] }, `${id}-value-${draft.values.length}`) }, "Add another value")));
}

function finish(form, state, operator, name) {
  const texts = state.conditions.values.filter((value) => value !== "");
  const statement = form.policy.statements[form.states.indexOf(state)];
  if (hasCondition(form.policy, statement, operator, name)) {
    form.refuse(state, `There is a condition with ${operator} on ${name} already: add the values there.`);
    return;
  }
  state.conditions = {};
  state.shown.delete("draft");
  state.version += 1;
  form.edit(state, (policy, one) => addCondition(policy, one, operator, name, texts.length === 1 ? texts[0] : texts), `A condition on ${name} was added.`, `${state.id}-draft`);
}
