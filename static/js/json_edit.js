// Changes of a JSON text that touch only the text of what is changed. Every operation answers with edits
// ({start, end, text}, ascending) for applyEdits(); the author's way of writing is kept.
import { memberOf, nodeAt, parseJson } from "./json_text.js";
import { elementsOf, lineIndent, Raw, Style } from "./json_style.js";

export { Raw };

const hasNewline = (text) => /[\n\r]/.test(text);

// A text with its tree; throws JsonError.
export class JsonDocument {
  constructor(text) {
    this.text = text;
    this.root = parseJson(text);
    this.kept = null;
  }

  get style() {
    this.kept ??= new Style(this.text, this.root);
    return this.kept;
  }

  node(path) {
    return nodeAt(this.root, path);
  }

  // The way of writing at a place: indented as its nearest neighbours are, or else the container around them.
  styleAt(path) {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = this.node(path.slice(0, length));
      const unit = node && [...elementsOf(node).map((one) => one.value?.kind ? one.value : one), node].map((one) => this.style.unitOf(one)).find(Boolean);
      if (unit) return Object.create(this.style, { indent: { value: unit } });
    }
    return this.style;
  }

  slice(node) {
    return this.text.slice(node.start, node.end);
  }
}

// The text after the edits.
export function applyEdits(text, edits) {
  let result = "";
  let at = 0;
  for (const edit of edits) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

// The edits that undo edits: to apply to the text after them.
export function invertEdits(text, edits) {
  let shift = 0;
  return edits.map((edit) => {
    const start = edit.start + shift;
    shift += edit.text.length - (edit.end - edit.start);
    return { start, end: start + edit.text.length, text: text.slice(edit.start, edit.end) };
  });
}

// The smallest replacement that makes one text of another; null where they are equal.
export function smallestEdit(before, after) {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < shorter - start && before[before.length - 1 - same] === after[after.length - 1 - same]) same += 1;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

// Put a value in the place of another.
export function setValue(doc, path, value) {
  const node = need(doc, path);
  const { key } = nameOf(doc, path);
  return [{ start: node.start, end: node.end, text: doc.styleAt(path.slice(0, -1)).write(value, lineIndent(doc.text, node.start), path.length, key) }];
}

// Put an array around a value that stands alone: its text is the first item; further values may follow.
export function wrapInArray(doc, path, more = []) {
  return setValue(doc, path, [rawOf(doc, path), ...more]);
}

// The text of a value, to stand elsewhere too.
export function rawOf(doc, path) {
  const node = need(doc, path);
  return new Raw(doc.slice(node), lineIndent(doc.text, node.start));
}

// Put values into an array before the item of the index.
export function insertItems(doc, path, index, values) {
  const node = need(doc, path, "array");
  const { key } = nameOf(doc, path);
  const style = doc.styleAt(path);
  return insert(doc, node, path, index, (indent) => values.map((value) => style.write(value, indent, path.length + 1, key)));
}

// Put a member into an object before the one of the index.
export function insertMember(doc, path, index, key, value) {
  const node = need(doc, path, "object");
  if (memberOf(node, key)) throw new Error(`the key ${key} stands there already`);
  const style = doc.styleAt(path);
  const colon = colonOf(doc, node.members[Math.min(index, node.members.length - 1)]);
  return insert(doc, node, path, index, (indent) => [
    style.quote(key) + colon + style.write(value, indent, path.length + 1, key),
  ]);
}

// Take the elements of the indexes out of an array or object.
export function removeElements(doc, path, indexes) {
  const node = need(doc, path);
  const elements = elementsOf(node);
  const gone = new Set(indexes);
  if (!gone.size) return [];
  if (elements.every((_, index) => gone.has(index))) return [{ start: node.start + 1, end: node.end - 1, text: "" }];
  const last = elements.reduce((found, _, index) => (gone.has(index) ? found : index), -1);
  const edits = [];
  for (let index = 0; index < last; index += 1) {
    if (!gone.has(index)) continue;
    let next = index + 1;
    while (gone.has(next)) next += 1;
    edits.push({ start: elements[index].start, end: elements[next].start, text: "" });
    index = next - 1;
  }
  if (last < elements.length - 1) edits.push({ start: elements[last].end, end: elements[elements.length - 1].end, text: "" });
  return edits;
}

// Take a member out of an object.
export function removeMember(doc, path, key) {
  return removeElements(doc, path, [indexOfKey(doc, path, key)]);
}

// Give a member another key; its value stays as it is.
export function renameMember(doc, path, key, name) {
  const node = need(doc, path, "object");
  if (key !== name && memberOf(node, name)) throw new Error(`the key ${name} stands there already`);
  const member = node.members[indexOfKey(doc, path, key)];
  return [{ start: member.keyStart, end: member.keyEnd, text: doc.style.quote(name) }];
}

// Move an element of an array or object to another index; what stands between the elements stays where it is.
export function moveElement(doc, path, from, to) {
  const elements = elementsOf(need(doc, path));
  if (from === to) return [];
  const [low, high] = from < to ? [from, to] : [to, from];
  const order = elements.slice(low, high + 1);
  order.splice(to - low, 0, ...order.splice(from - low, 1));
  let text = "";
  for (const [offset, element] of order.entries()) {
    text += doc.text.slice(element.start, element.end);
    const index = low + offset;
    if (index < high) text += doc.text.slice(elements[index].end, elements[index + 1].start);
  }
  return [{ start: elements[low].start, end: elements[high].end, text }];
}

function need(doc, path, kind) {
  const node = doc.node(path);
  if (!node || (kind && node.kind !== kind)) throw new Error(`no ${kind ?? "value"} at ${JSON.stringify(path)}`);
  return node;
}

function indexOfKey(doc, path, key) {
  const index = need(doc, path, "object").members.findIndex((member) => member.key === key);
  if (index < 0) throw new Error(`no key ${key} at ${JSON.stringify(path)}`);
  return index;
}

// The key under which a value stands; an item of an array stands under the key of the array.
function nameOf(doc, path) {
  return { key: path.findLast((step) => typeof step === "string") ?? "" };
}

function colonOf(doc, member) {
  const colon = member ? doc.text.slice(member.keyEnd, member.value.start) : "";
  return colon && !hasNewline(colon) ? colon : doc.style.colon;
}

function insert(doc, node, path, index, write) {
  const elements = elementsOf(node);
  if (!elements.length) return fill(doc, node, path, write);
  const gap = gapAt(doc, node, elements, index);
  const indent = hasNewline(gap) ? /[ \t]*$/.exec(gap)[0] : lineIndent(doc.text, node.start);
  const texts = write(indent);
  if (!texts.length) return [];
  const joined = texts.join(gap);
  if (index < elements.length) return [{ start: elements[index].start, end: elements[index].start, text: joined + gap }];
  const end = elements[elements.length - 1].end;
  return [{ start: end, end, text: gap + joined }];
}

// What separates the new element from its neighbours: what separates these, comma included.
function gapAt(doc, node, elements, index) {
  if (elements.length > 1) {
    const right = Math.min(Math.max(index, 1), elements.length - 1);
    return doc.text.slice(elements[right - 1].end, elements[right].start);
  }
  const lead = doc.text.slice(node.start + 1, elements[0].start);
  return hasNewline(lead) ? `,${lead}` : doc.style.comma;
}

function fill(doc, node, path, write) {
  const own = lineIndent(doc.text, node.start);
  const { key } = nameOf(doc, path);
  const probe = write(own);
  if (!probe.length) return [];
  const sample = probe.map((text) => ({ kind: /^(?:"(?:[^"\\]|\\.)*"\s*:\s*)?[[{]/.test(text) ? "object" : "plain" }));
  const style = doc.styleAt(path);
  const broken = style.isBroken(node.kind, sample, path.length, key);
  const texts = broken ? write(own + style.indent) : probe;
  return [{ start: node.start, end: node.end, text: style.bracket(node.kind, texts, own, broken) }];
}
