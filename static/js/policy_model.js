// A policy as the form sees it, read from its text; and the changes that the form makes, each as the text after it.
import { JsonError, memberOf } from "./json_text.js";
import {
  applyEdits, insertItems, insertMember, JsonDocument, moveElement, rawOf, removeElements, removeMember, renameMember, setValue,
  wrapInArray,
} from "./json_edit.js";

export const PRINCIPAL_TYPES = ["AWS", "Service", "Federated", "CanonicalUser"];
const ORDER = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
const TOP = ["Version", "Id", "Statement"];
const PLAIN = new Set(["string", "number", "boolean"]);

// What a text says: {error} where it is not JSON or no policy, else {doc, version, statements, others, single}.
// What the form does not understand stands in `others`, and in `odd` of a statement, as {key, text}.
export function readPolicy(text, kind) {
  let doc;
  try {
    doc = new JsonDocument(text);
  } catch (error) {
    if (error instanceof JsonError) return { error };
    throw error;
  }
  if (doc.root.kind !== "object") return { error: new JsonError("A policy is an object: it begins with `{`.", text, doc.root.start) };
  const list = memberOf(doc.root, "Statement")?.value;
  const single = list?.kind === "object";
  const nodes = single ? [list] : list?.kind === "array" ? list.items : [];
  const understood = (member) => (member.key === "Version" && member.value.kind === "string") || (member.key === "Statement" && (single || list.kind === "array"));
  return {
    doc,
    kind,
    single,
    version: memberOf(doc.root, "Version")?.value.value ?? null,
    hasStatement: Boolean(list),
    statements: nodes.map((node, index) => lazyStatement(doc, node, single ? ["Statement"] : ["Statement", index], index, kind)),
    others: doc.root.members.filter((member) => !understood(member)).map((member) => ({ key: member.key, text: doc.slice(member.value) })),
  };
}

// Collapsed statements of large policies are only read when somebody asks.
function lazyStatement(doc, node, path, index, kind) {
  let read = null;
  return { index, path, raw: doc.slice(node), node, get read() { return (read ??= readStatement(doc, node, path, kind)); } };
}

function readStatement(doc, node, path, kind) {
  if (node.kind !== "object") return { odd: [{ key: "", text: doc.slice(node) }], broken: true, sid: null, effect: null, conditions: [] };
  const one = (key) => memberOf(node, key);
  const sid = one("Sid")?.value.kind === "string" ? one("Sid").value.value : null;
  const effect = ["Allow", "Deny"].includes(one("Effect")?.value.value) ? one("Effect").value.value : null;
  const action = readList(node, path, "Action", "NotAction");
  const resource = kind === "trust" ? null : readList(node, path, "Resource", "NotResource");
  const principal = kind === "trust" || kind === "rcp" ? readPrincipal(node, path) : null;
  const conditions = readConditions(one("Condition")?.value, path);
  const known = new Set([action?.name, resource?.name]);
  if (sid !== null) known.add("Sid");
  if (effect !== null) known.add("Effect");
  if (principal) known.add("Principal");
  if (conditions) known.add("Condition");
  const odd = node.members.filter((member) => !known.has(member.key)).map((member) => ({ key: member.key, text: doc.slice(member.value) }));
  const taken = new Set(odd.map((member) => member.key));
  return { sid, effect, action, resource, principal, conditions: conditions ?? [], odd, taken, broken: false };
}

const isText = (node) => node.kind === "string";
const isPlain = (node) => PLAIN.has(node.kind);
const plainText = (node) => String(node.value);

function listOf(node, fits) {
  if (fits(node)) return [node];
  return node.kind === "array" && node.items.every(fits) ? node.items : null;
}

function readList(node, path, name, notName) {
  const found = [name, notName].map((key) => memberOf(node, key)).filter(Boolean);
  const items = found.length === 1 ? listOf(found[0].value, isText) : null;
  if (!items) return null;
  return { name: found[0].key, not: found[0].key === notName, path: [...path, found[0].key], values: items.map((item) => item.value), single: isText(found[0].value) };
}

function readPrincipal(node, path) {
  const value = memberOf(node, "Principal")?.value;
  if (!value) return null;
  const here = [...path, "Principal"];
  if (value.kind === "string") return value.value === "*" ? { path: here, anyone: true, entries: [] } : null;
  if (value.kind !== "object" || !value.members.every((one) => PRINCIPAL_TYPES.includes(one.key) && listOf(one.value, isText))) return null;
  const entries = value.members.flatMap((one) =>
    listOf(one.value, isText).map((item, index) => ({ type: one.key, value: item.value, index, path: [...here, one.key], single: isText(one.value) })));
  return { path: here, anyone: false, entries };
}

function readConditions(value, path) {
  if (!value) return [];
  const isBlock = (block) => block.kind === "object" && block.members.every((one) => listOf(one.value, isPlain));
  if (value.kind !== "object" || !value.members.every((one) => isBlock(one.value))) return null;
  return value.members.flatMap((block) => block.value.members.map((one) => ({
    operator: block.key,
    key: one.key,
    path: [...path, "Condition", block.key, one.key],
    values: listOf(one.value, isPlain).map((item) => ({ text: plainText(item), kind: item.kind })),
    single: isPlain(one.value),
    alone: block.value.members.length === 1,
  })));
}

// --- Changes: each answers the text after it -------------------------------------------------------------------------

// Several operations, each on the text after the one before.
export function change(doc, ...operations) {
  let now = doc;
  for (const operation of operations) {
    const edits = operation(now);
    if (edits.length) now = new JsonDocument(applyEdits(now.text, edits));
  }
  return now.text;
}

// Where a member belongs in the order in which AWS writes them.
function placeIn(node, key, order) {
  const rank = (name) => (order.includes(name) ? order.indexOf(name) : -1);
  let place = 0;
  node.members.forEach((member, index) => {
    if (rank(member.key) >= 0 && rank(member.key) < rank(key)) place = index + 1;
  });
  return place;
}

// Set a member of an object, put it in its place in the order where it is missing, or take it out (null).
export function setMember(doc, path, key, value, order = ORDER) {
  const node = doc.node(path);
  const present = Boolean(memberOf(node, key));
  if (value === null) return present ? removeMember(doc, path, key) : [];
  if (present) return setValue(doc, [...path, key], value);
  return insertMember(doc, path, order.includes(key) ? placeIn(node, key, order) : node.members.length, key, value);
}

export function setVersion(policy, version) {
  return change(policy.doc, (doc) => setMember(doc, [], "Version", version, TOP));
}

export function setElement(policy, statement, key, value) {
  return change(policy.doc, (doc) => setMember(doc, statement.path, key, value));
}

export function addStatement(policy, value) {
  if (!policy.hasStatement) return change(policy.doc, (doc) => setMember(doc, [], "Statement", [value], TOP));
  if (policy.single) return change(policy.doc, (doc) => wrapInArray(doc, ["Statement"], [value]));
  return change(policy.doc, (doc) => insertItems(doc, ["Statement"], policy.statements.length, [value]));
}

export function duplicateStatement(policy, statement, sid) {
  const copied = (doc) => (policy.single
    ? wrapInArray(doc, ["Statement"], [rawOf(doc, ["Statement"])])
    : insertItems(doc, ["Statement"], statement.index + 1, [rawOf(doc, statement.path)]));
  const renamed = (doc) => (sid ? setValue(doc, ["Statement", statement.index + 1, "Sid"], sid) : []);
  return change(policy.doc, copied, renamed);
}

export function removeStatement(policy, statement) {
  if (policy.single) return change(policy.doc, (doc) => setValue(doc, ["Statement"], []));
  return change(policy.doc, (doc) => removeElements(doc, ["Statement"], [statement.index]));
}

export function moveStatement(policy, statement, by) {
  return change(policy.doc, (doc) => moveElement(doc, ["Statement"], statement.index, statement.index + by));
}

// Add values to a member that is one value, a list of them, or missing.
export function addTo(doc, path, key, values) {
  const here = [...path, key];
  const node = doc.node(here);
  if (!node) return setMember(doc, path, key, values);
  return node.kind === "array" ? insertItems(doc, here, node.items.length, values) : wrapInArray(doc, here, values);
}

export function removeFrom(doc, path, indexes) {
  return doc.node(path).kind === "array" ? removeElements(doc, path, indexes) : setValue(doc, path, []);
}

export function addValues(policy, path, key, values) {
  return change(policy.doc, (doc) => addTo(doc, path, key, values));
}

export function removeValues(policy, path, indexes) {
  return change(policy.doc, (doc) => removeFrom(doc, path, indexes));
}

export function setItem(policy, path, single, index, value) {
  return change(policy.doc, (doc) => setValue(doc, single ? path : [...path, index], value));
}

// Action ↔ NotAction, Resource ↔ NotResource.
export function renameElement(policy, statement, key, name) {
  return change(policy.doc, (doc) => renameMember(doc, statement.path, key, name));
}

// Principals

export function setAnyone(policy, statement) {
  return change(policy.doc, (doc) => setMember(doc, statement.path, "Principal", "*"));
}

export function addPrincipal(policy, statement, type, value) {
  const here = [...statement.path, "Principal"];
  if (policy.doc.node(here)?.kind !== "object") {
    return change(policy.doc, (doc) => setMember(doc, statement.path, "Principal", { [type]: value }));
  }
  if (!policy.doc.node([...here, type])) return change(policy.doc, (doc) => setMember(doc, here, type, value, PRINCIPAL_TYPES));
  return change(policy.doc, (doc) => addTo(doc, here, type, [value]));
}

export function removePrincipal(policy, statement, entry) {
  const items = policy.doc.node(entry.path).items;
  if (!items || items.length === 1) return change(policy.doc, (doc) => removeMember(doc, [...statement.path, "Principal"], entry.type));
  return change(policy.doc, (doc) => removeElements(doc, entry.path, [entry.index]));
}

// Conditions

export function hasCondition(policy, statement, operator, key) {
  return Boolean(policy.doc.node([...statement.path, "Condition", operator, key]));
}

export function addCondition(policy, statement, operator, key, value) {
  const path = statement.path;
  if (!policy.doc.node([...path, "Condition"])) return setElement(policy, statement, "Condition", { [operator]: { [key]: value } });
  const block = [...path, "Condition", operator];
  if (!policy.doc.node(block)) return change(policy.doc, (doc) => setMember(doc, [...path, "Condition"], operator, { [key]: value }, []));
  return change(policy.doc, (doc) => setMember(doc, block, key, value, []));
}

// A condition under another operator: its block is renamed where it has no other key, else the key moves.
export function setOperator(policy, statement, condition, operator) {
  const all = [...statement.path, "Condition"];
  if (condition.alone && !policy.doc.node([...all, operator])) {
    return change(policy.doc, (doc) => renameMember(doc, all, condition.operator, operator));
  }
  const value = rawOf(policy.doc, condition.path);
  const added = (doc) => (doc.node([...all, operator])
    ? setMember(doc, [...all, operator], condition.key, value, [])
    : insertMember(doc, all, doc.node(all).members.findIndex((one) => one.key === condition.operator) + 1, operator, new Map([[condition.key, value]])));
  return change(policy.doc, added, (doc) => withoutCondition(doc, statement, condition));
}

export function removeCondition(policy, statement, condition) {
  return change(policy.doc, (doc) => withoutCondition(doc, statement, condition));
}

function withoutCondition(doc, statement, condition) {
  const all = [...statement.path, "Condition"];
  const block = doc.node([...all, condition.operator]);
  if (block.members.length > 1) return removeMember(doc, [...all, condition.operator], condition.key);
  return doc.node(all).members.length > 1 ? removeMember(doc, all, condition.operator) : removeMember(doc, statement.path, "Condition");
}

// A whole policy with one statement, for where there is no text.
export function setAll(statement) {
  return `${JSON.stringify({ Version: "2012-10-17", Statement: [statement] }, null, 4)}\n`;
}
