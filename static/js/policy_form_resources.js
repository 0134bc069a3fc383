// Resource or NotResource: the entries in words, known ARNs, and ARNs built from the formats of the actions' types.
import { h } from "./dom.js";
import { combobox, matching } from "./combobox.js";
import { fillPieces, piecesOf, resourceWords, typeOfArn, typeWords } from "./policy_arns.js";
import { addValues, removeValues, renameElement } from "./policy_model.js";
import { firstIndexes } from "./policy_form_actions.js";
import { entryText, nextFocus, opener, removeButton, shortened, sieve } from "./policy_form_parts.js";
import { listWords } from "./policy_words.js";

const MOST_ENTRIES = 30;
const MOST_ACTIONS = 4000;
const chosen = new WeakMap(); // statement as it is read → its actions
const typesTaken = new WeakMap(); // … → their resource types


export function resourcesSection(form, statement, state) {
  const { read } = statement;
  if (!read.resource && (read.taken.has("Resource") || read.taken.has("NotResource"))) return null;
  const values = read.resource?.values ?? [];
  const not = Boolean(read.resource?.not);
  const actions = chosenActions(form, read);
  const types = typesOf(form, read);
  const { field, found } = sieve(form, state, "arns", values, MOST_ENTRIES);
  const first = firstIndexes(values);
  return h("section.pf-section", { key: "resources", "aria-labelledby": `${state.id}-resources` },
    h("div.pf-title", {}, h("h3", { id: `${state.id}-resources` }, not ? "NotResource" : "Resource"), read.resource && notChoice(form, state, not)),
    field,
    h("ul.pf-entries", {}, shortened(form, state, "arns", found, MOST_ENTRIES, ({ value, index }) => entryRow(form, state, value, index, first, values.length, types))),
    hints(actions, values, types, not, form).map((text) => h("p.pf-hint", { key: text }, text)),
    h("div.pf-add", {}, addField(form, state, types, values, not),
      !values.includes("*") && h("button.btn", { type: "button", key: "any", id: `${state.id}-any`, onclick: () => add(form, state, "*", `${state.id}-add-resource`) }, "Any resource (*)"),
      types.length > 0 && opener(form, state, "builder", "Build an ARN")),
    types.length > 0 && state.shown.has("builder") && builder(form, state, types));
}

// What the statement is about, as far as it can be listed: of `*` and NotAction nothing follows for types and ARNs.
export function chosenActions(form, read) {
  if (!read.action || read.action.not) return [];
  return kept(chosen, read, () => {
    const actions = form.catalogue.expandAll(read.action.values);
    return actions.length > MOST_ACTIONS ? [] : actions;
  });
}

const typesOf = (form, read) => kept(typesTaken, read, () => form.catalogue.typesOf(chosenActions(form, read)));

// What follows from a statement alone is worked out once.
export function kept(store, read, make) {
  if (!store.has(read)) store.set(read, make());
  return store.get(read);
}

function notChoice(form, state, not) {
  return h("select.small", {
    value: not ? "NotResource" : "Resource", "aria-label": "Resource or NotResource",
    onchange: (event) => form.edit(state, (policy, statement) => renameElement(policy, statement, statement.read.resource.name, event.target.value), `The element is ${event.target.value} now.`),
  }, h("option", { value: "Resource" }, "these resources"), h("option", { value: "NotResource" }, "any resource but these"));
}

// --- Entries ---------------------------------------------------------------------------------------------------------

function entryRow(form, state, entry, index, first, length, types) {
  const words = resourceWords(form.catalogue, form.known, entry);
  const idle = types.length > 0 && entry !== "*" && isIdle(form, entry, types);
  return h("li", { key: `${entry} ${first.get(entry) === index ? "" : index}` },
    entryText(form, state, { name: "resource", index, entry, listOf: (statement) => statement.read.resource, options: (text) => choices(form, types, text) }), " ", words !== entry && h("small", {}, words), idle && h("strong.pf-wrong", {}, "none of the actions works on this type"),
    removeButton(`${state.id}-arn-${index}`, entry, () => form.edit(state, (policy, statement) => removeValues(policy, statement.read.resource.path, [index]),
      `${entry} was removed.`, nextFocus(`${state.id}-arn`, index, length, `${state.id}-add-resource`))));
}

function isIdle(form, entry, types) {
  const found = typeOfArn(form.catalogue, entry);
  return Boolean(found) && !types.some((type) => type.name === found.type.name && type.service === found.type.service);
}

function add(form, state, arn, ...focus) {
  const there = form.policy.statements[form.states.indexOf(state)].read.resource;
  if (there?.values.includes(arn)) return form.refuse(state, `${arn} is there already.`);
  const name = there?.name ?? "Resource";
  return form.edit(state, (policy, statement) => addValues(policy, statement.path, name, [arn]), `${arn} was added to ${name}.`, ...focus);
}

// --- Hints -----------------------------------------------------------------------------------------------------------

function hints(actions, values, types, not, form) {
  if (not || !values.length || values.includes("*")) return [];
  const found = [];
  const bare = actions.filter((action) => action.types?.length === 0);
  const unknown = actions.filter((action) => action.types === null);
  if (bare.length) found.push(`${names(bare)} ${bare.length === 1 ? "works" : "work"} on no resource type: only * as Resource fits. Give ${bare.length === 1 ? "it" : "them"} a statement of ${bare.length === 1 ? "its" : "their"} own.`);
  if (unknown.length) found.push(`AWS has not published what ${names(unknown)} ${unknown.length === 1 ? "works" : "work"} on: only * is sure to fit.`);
  const entries = values.map((value) => typeOfArn(form.catalogue, value));
  if (entries.every(Boolean)) {
    const covered = new Set(entries.map(({ type }) => `${type.service} ${type.name}`));
    const without = actions.filter((action) => action.types?.length && !action.types.some((name) => covered.has(`${action.service} ${name}`)));
    if (without.length) found.push(`No resource here is of a type on which ${names(without)} ${without.length === 1 ? "works" : "work"}: ${typeNames(without, types)}.`);
  }
  return found;
}

const names = (actions) => listWords(actions.map((action) => action.name), "and", "action");

function typeNames(actions, types) {
  const wanted = types.filter((type) => type.actions.some((action) => actions.includes(action))).map((type) => typeWords(type.name));
  return wanted.length > 6 ? `${wanted.slice(0, 5).join(", ")} and ${wanted.length - 5} others` : wanted.join(", ");
}

// --- Known and typed ARNs --------------------------------------------------------------------------------------------

function addField(form, state, types, values, not) {
  return combobox({
    id: `${state.id}-add-resource`, label: not ? "Add a resource to leave out" : "Add a resource", "data-free": "yes", placeholder: "an ARN, or search what is known",
    options: (text) => choices(form, types, text).filter((option) => !values.includes(option.value)),
    onchoose: (text, field) => {
      if (!text.trim()) return;
      add(form, state, text.trim());
      field.value = "";
    },
  });
}

function choices({ known }, types, text) {
  const fitting = types.length ? known.arnsOf(types.map((type) => `${type.service}:${type.name}`)) : known.arns;
  const formats = types.slice(0, 40).map((type) => ({ value: known.fill(type.arn), note: `any ${typeWords(type.name)}` }));
  return matching([...fitting.map(({ arn, type }) => ({ value: arn, note: typeWords(type.split(":")[1] || type.split(":")[0]) })), ...formats], text);
}

// --- Building an ARN -------------------------------------------------------------------------------------------------

function builder(form, state, types) {
  const draft = state.resources;
  const type = types.find((one) => keyOf(one) === draft.type) ?? types[0];
  const pieces = piecesOf(type.arn);
  const filled = draft.type === keyOf(type) ? draft.values : {};
  const values = pieces.map((piece, index) => filled[index] ?? defaultOf(piece.variable, form.known));
  const arn = fillPieces(pieces, values);
  const services = [...new Set(types.map((one) => one.service))];
  return h("fieldset.pf-picker", { key: "builder" }, h("legend", {}, "Build an ARN"),
    h("div.field", {}, h("label", { for: `${state.id}-type` }, "Resource type"),
      h("select", { id: `${state.id}-type`, value: keyOf(type), onchange: (event) => { state.resources = { type: event.target.value, values: {} }; form.touch(state); } },
        services.map((service) => h("optgroup", { key: service, label: form.catalogue.service(service).name },
          types.filter((one) => one.service === service).map((one) => h("option", { key: keyOf(one), value: keyOf(one) }, one.name)))))),
    h("div.pf-fields", { key: keyOf(type) }, pieces.map((piece, index) => piece.variable && pieceField(form, state, type, piece.variable, index, values))),
    h("p.pf-preview", { "aria-live": "polite" }, h("code", {}, arn), " ", h("small", {}, resourceWords(form.catalogue, form.known, arn))),
    h("button.btn", { type: "button", id: `${state.id}-build`, onclick: () => add(form, state, arn, `${state.id}-build`) }, "Add this ARN"));
}

const keyOf = (type) => `${type.service} ${type.name}`;

function defaultOf(variable, known) {
  if (variable === "Partition") return known.partition || "aws";
  return variable === "Account" ? known.account || "*" : "*";
}

function pieceField(form, state, type, variable, index, values) {
  const set = (text) => {
    state.resources = { type: keyOf(type), values: { ...values, [index]: text } };
    form.touch(state);
  };
  const label = variable.replace(/([a-z])([A-Z])/g, "$1 $2");
  return h("div.field", { key: index }, h("span.label", { "aria-hidden": "true" }, label), combobox({
    id: `${state.id}-piece-${index}`, label, value: values[index], onchoose: set, oninput: set,
    options: (text) => matching(choicesOf(form, type, variable), text === values[index] && text === defaultOf(variable, form.known) ? "" : text),
  }));
}

function choicesOf({ catalogue, known }, type, variable) {
  if (variable === "Partition") return [...new Set([known.partition, "aws", "aws-cn", "aws-us-gov", "*"])].map((value) => ({ value }));
  if (variable === "Region") return [{ value: "*", note: "any Region" }, ...known.regions.map((value) => ({ value }))];
  if (variable === "Account") return [{ value: "*", note: "any account" }, ...known.accounts.map(({ number, name }) => ({ value: number, note: name }))];
  const found = known.arnsOf([`${type.service}:${type.name}`]).map(({ arn }) => typeOfArn(catalogue, arn)).filter((one) => one?.type.name === type.name);
  return [{ value: "*", note: "any" }, ...[...new Set(found.map((one) => one.name))].map((value) => ({ value }))];
}
