// Action or NotAction: the entries with what they match, and a choice from a service's actions by level and name.
import { h } from "./dom.js";
import { combobox, matching } from "./combobox.js";
import { addValues, removeValues, renameElement } from "./policy_model.js";
import { entryText, nextFocus, opener, removeButton, shortened, sieve } from "./policy_form_parts.js";
import { count } from "./policy_words.js";

const MOST_ENTRIES = 30;
const MOST_EXPANDED = 60;
const MOST_CHOICES = 120;
const DEFAULT = { identity: "sagemaker", trust: "sts", scp: "sagemaker", rcp: "s3" };
const isPattern = (text) => /[*?]/.test(text);

export function actionsSection(form, statement, state) {
  const { read } = statement;
  if (!read.action && (read.taken.has("Action") || read.taken.has("NotAction"))) return null;
  const values = read.action?.values ?? [];
  const not = Boolean(read.action?.not);
  const { field, found } = sieve(form, state, "entries", values, MOST_ENTRIES);
  const first = firstIndexes(values);
  return h("section.pf-section", { key: "actions", "aria-labelledby": `${state.id}-actions` },
    h("div.pf-title", {}, h("h3", { id: `${state.id}-actions` }, not ? "NotAction" : "Action"), read.action && form.kind !== "trust" && notChoice(form, state, not)),
    field,
    h("ul.pf-entries", {}, shortened(form, state, "entries", found, MOST_ENTRIES, ({ value, index }) => entryRow(form, state, value, index, first, values.length))),
    h("div.pf-add", {}, addField(form, state, not), opener(form, state, "picker", "Choose from a service")),
    state.shown.has("picker") && picker(form, state, values));
}

function notChoice(form, state, not) {
  return h("select.small", {
    value: not ? "NotAction" : "Action", "aria-label": "Action or NotAction",
    onchange: (event) => form.edit(state, (policy, statement) => renameElement(policy, statement, statement.read.action.name, event.target.value), `The element is ${event.target.value} now.`),
  }, h("option", { value: "Action" }, "these actions"), h("option", { value: "NotAction" }, "every action but these"));
}

// --- Entries ---------------------------------------------------------------------------------------------------------

// Where each value stands first: an entry that is there twice is told apart by its index.
export function firstIndexes(values) {
  const first = new Map();
  values.forEach((value, index) => first.has(value) || first.set(value, index));
  return first;
}

function entryRow(form, state, entry, index, first, length) {
  const found = form.catalogue.expand(entry);
  const name = `expanded-${entry}`;
  return h("li", { key: `${entry} ${first.get(entry) === index ? "" : index}` },
    entryText(form, state, { name: "action", index, entry, suffix: isPattern(entry) && found.length > 0 ? ":" : "", listOf: (statement) => statement.read.action,
      options: (text) => suggestions(form.catalogue, text.trim(), DEFAULT[form.kind]) }), " ",
    isPattern(entry) && found.length ? opener(form, state, name, count(found.length, "action"), { "aria-label": `${entry}: ${count(found.length, "action")}` }) : entryNote(entry, found),
    removeButton(`${state.id}-action-${index}`, entry, () => removeEntry(form, state, index, entry, length)),
    state.shown.has(name) && h("ul.pf-expanded", { "aria-label": `Actions of ${entry}` }, shortened(form, state, `all-${name}`, found, MOST_EXPANDED, (action) =>
      h("li", { key: action.name }, h("code", {}, action.name), " ", h("small", {}, action.level)))));
}

function entryNote(entry, found) {
  if (found.length) return h("small", {}, found[0].level);
  return h("strong.pf-wrong", {}, isPattern(entry) ? "matches no action" : "not an action that AWS lists");
}

function removeEntry(form, state, index, entry, length) {
  form.edit(state, (policy, statement) => removeValues(policy, statement.read.action.path, [index]), `${entry} was removed.`,
    nextFocus(`${state.id}-action`, index, length, `${state.id}-add-action`));
}

function add(form, state, entries) {
  const there = form.policy.statements[form.states.indexOf(state)].read.action?.values ?? [];
  if (entries.length === 1 && there.includes(entries[0])) return form.refuse(state, `${entries[0]} is there already.`);
  const one = entries.length === 1 ? entries[0] : count(entries.length, "action");
  return form.edit(state, (policy, statement) => addValues(policy, statement.path, statement.read.action?.name ?? "Action", entries), `${one} was added.`);
}

// --- Adding by typing ------------------------------------------------------------------------------------------------

function addField(form, state, not) {
  return combobox({
    id: `${state.id}-add-action`, label: not ? "Add an action to leave out" : "Add an action", "data-free": "yes", placeholder: "service:Action or a pattern",
    options: (text) => suggestions(form.catalogue, text.trim(), DEFAULT[form.kind]),
    onchoose: (text, field) => {
      const entry = text.trim();
      if (!entry || entry.endsWith(":")) return entry ? false : undefined;
      add(form, state, [entry]);
      field.value = "";
      return undefined;
    },
  });
}

function suggestions(catalogue, text, first) {
  const colon = text.indexOf(":");
  if (colon < 0) {
    const services = catalogue.services().map(({ prefix, name }) => ({ value: `${prefix}:`, note: name }));
    const mine = services.filter((one) => one.value === `${first}:`);
    return matching([...mine, ...services.filter((one) => !mine.includes(one))], text);
  }
  const prefix = text.slice(0, colon).toLowerCase();
  const rest = text.slice(colon + 1);
  const pattern = isPattern(rest) ? text : `${prefix}:${rest}*`;
  const found = catalogue.expand(pattern);
  const like = isPattern(rest) ? found : catalogue.actions(prefix).filter((action) => action.bare.toLowerCase().includes(rest.toLowerCase()));
  const named = found.length > 1 ? [{ value: pattern, note: count(found.length, "action") }] : [];
  const starts = (action) => action.bare.toLowerCase().startsWith(rest.toLowerCase());
  const ordered = [...like.filter(starts), ...like.filter((action) => !starts(action))];
  return [...named, ...ordered.map((action) => ({ value: action.name, note: action.level }))];
}

// --- Choosing from a service -----------------------------------------------------------------------------------------

function picker(form, state, values) {
  const { catalogue } = form;
  const chosen = state.actions;
  const service = chosen.service ?? mostUsed(values, catalogue) ?? DEFAULT[form.kind];
  const level = chosen.level ?? "";
  const filter = chosen.filter ?? "";
  const actions = catalogue.actions(service, level || null).filter(fitting(filter, service, catalogue));
  const pattern = `${service}:${isPattern(filter) ? filter : filter ? `${filter}*` : "*"}`;
  const set = (change) => {
    Object.assign(state.actions, change);
    form.touch(state);
  };
  return h("fieldset.pf-picker", { key: "picker" }, h("legend", {}, "Actions of a service"),
    h("div.pf-fields", {},
      h("div.field", {}, h("span.label", { "aria-hidden": "true" }, "Service"), serviceField(form, state, service, set)),
      h("div.field", {}, h("label", { for: `${state.id}-level` }, "Access level"),
        h("select", { id: `${state.id}-level`, value: level, onchange: (event) => set({ level: event.target.value }) },
          h("option", { value: "" }, "every level"), catalogue.levels.map((one) => h("option", { key: one, value: one }, one)))),
      h("div.field", {}, h("label", { for: `${state.id}-filter` }, "Name"),
        h("input", { id: `${state.id}-filter`, type: "search", value: filter, spellcheck: "false", placeholder: "part of a name, or Describe*", oninput: (event) => set({ filter: event.target.value }) }))),
    h("div.bar", {}, wildcardButton(form, state, pattern, values), checkAll(form, state, actions, values),
      h("span.end", { role: "status" }, count(actions.length, "action"))),
    choices(form, state, actions, values, service));
}

function serviceField(form, state, service, set) {
  const services = form.catalogue.services();
  return combobox({
    id: `${state.id}-service`, label: "Service", value: service,
    options: (text) => matching(services.map(({ prefix, name }) => ({ value: prefix, note: name })), text === service ? "" : text),
    onchoose: (text) => {
      const found = form.catalogue.service(text.trim());
      if (found) set({ service: found.prefix, filter: "" });
    },
    onchange: ({ target }) => { if (!form.catalogue.service(target.value.trim())) target.value = service; },
  });
}

function mostUsed(values, catalogue) {
  const prefixes = values.map((value) => value.split(":")[0].toLowerCase()).filter((prefix) => catalogue.service(prefix));
  return prefixes.at(-1);
}

// A text without wildcards may stand anywhere in the name.
function fitting(filter, service, catalogue) {
  if (!filter) return () => true;
  if (!isPattern(filter)) return (action) => action.bare.toLowerCase().includes(filter.toLowerCase());
  const found = new Set(catalogue.expand(`${service}:${filter}`));
  return (action) => found.has(action);
}

function wildcardButton(form, state, pattern, values) {
  const matched = form.catalogue.expand(pattern).length;
  if (!matched || values.some((value) => value.toLowerCase() === pattern.toLowerCase())) return null;
  return h("button.btn", { type: "button", key: "wildcard", onclick: () => add(form, state, [pattern]) }, "Add ", h("code", {}, pattern), ` (${count(matched, "action")})`);
}

function checkAll(form, state, actions, values) {
  const present = new Set(values.map((value) => value.toLowerCase()));
  const missing = actions.filter((action) => !present.has(action.name.toLowerCase())).map((action) => action.name);
  if (missing.length < 2) return null;
  return h("button.btn", { type: "button", key: "all", onclick: () => add(form, state, missing) }, `Check all ${missing.length} below`);
}

function choices(form, state, actions, values, service) {
  const exact = new Map(values.map((value, index) => [value.toLowerCase(), index]));
  const covering = new Map();
  for (const value of values.filter(isPattern)) for (const action of form.catalogue.expand(value)) if (!covering.has(action)) covering.set(action, value);
  if (!actions.length) return h("p.mute", { key: "none" }, "No action fits.");
  const now = state.actions.cursor;
  const cursor = actions.some((action) => action.name === now) ? now : actions[0].name;
  return h("ul.pf-choices", { key: `choices-${service}`, "aria-label": `Actions of ${service}`, onkeydown: walk, onfocusin: (event) => { state.actions.cursor = event.target.value; } },
    shortened(form, state, `choices-${service}`, actions, MOST_CHOICES, (action) => {
      const index = exact.get(action.name.toLowerCase());
      return h("li", { key: action.name }, h("label", {},
        h("input", {
          type: "checkbox", id: `${state.id}-choice-${action.name}`, value: action.name, checked: index !== undefined, tabindex: action.name === cursor ? "0" : "-1",
          onchange: (event) => (event.target.checked ? add(form, state, [action.name]) : uncheck(form, state, action.name)),
        }), h("span", {}, action.bare, " ", h("small", {}, [action.level, covering.has(action) && `in ${covering.get(action)}`].filter(Boolean).join(" · ")))));
    }));
}

function uncheck(form, state, name) {
  form.edit(state, (policy, statement) => {
    const { path, values } = statement.read.action;
    const indexes = values.flatMap((value, index) => (value.toLowerCase() === name.toLowerCase() ? [index] : []));
    return removeValues(policy, path, indexes);
  }, `${name} was removed.`);
}

// One tab stop for all choices; the arrow keys walk them.
function walk(event) {
  const by = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!by || event.target.type !== "checkbox") return;
  event.preventDefault();
  const boxes = [...event.currentTarget.querySelectorAll("input")];
  const index = Math.min(Math.max(boxes.indexOf(event.target) + by, 0), boxes.length - 1);
  for (const box of boxes) box.tabIndex = box === boxes[index] ? 0 : -1;
  boxes[index].focus();
}
