// How somebody writes JSON: newline, indentation, spaces at colons and commas, what stands on one line; and new values
// written in the same way.

// Text that is taken over as it stands; where its first line's indentation is given, its other lines move with it.
export class Raw {
  constructor(text, indent = null) {
    this.text = text;
    this.indent = indent;
  }

  // No line of JSON begins within a string.
  at(indent) {
    if (this.indent === null || this.indent === indent) return this.text;
    return this.text.replace(/(\r\n|\n|\r)([ \t]*)/g, (whole, newline, space) =>
      space.startsWith(this.indent) ? newline + indent + space.slice(this.indent.length) : whole);
  }
}

// The elements of a container: items of an array, members of an object.
export function elementsOf(node) {
  return node.items ?? node.members ?? [];
}

// The white space at the start of the line on which the offset stands.
export function lineIndent(text, offset) {
  const start = Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))[0];
}

const hasNewline = (text) => /[\n\r]/.test(text);
const isContainer = (node) => node.kind === "object" || node.kind === "array";

class Votes {
  constructor() {
    this.counts = new Map();
  }

  add(choice) {
    if (choice === null) return;
    this.counts.set(choice, (this.counts.get(choice) ?? 0) + 1);
  }

  get(otherwise) {
    let best = otherwise;
    let most = 0;
    for (const [choice, count] of this.counts) if (count > most) [best, most] = [choice, count];
    return best;
  }
}

export class Style {
  constructor(text, root) {
    this.text = text;
    this.newline = text.includes("\r\n") ? "\r\n" : hasNewline(text) ? /[\n\r]/.exec(text)[0] : "\n";
    this.multiline = root.end > root.start && hasNewline(text.slice(root.start, root.end));
    this.ascii = /\\u[0-9a-fA-F]{4}/.test(text) && !/[^\u0000-\u007f]/.test(text);
    this.units = new Votes();
    this.colons = new Votes();
    this.commas = new Votes();
    this.pads = { array: new Votes(), object: new Votes() };
    this.lines = new Map();
    this.walk(root, 0, "");
    this.indent = this.units.get("    ");
    this.colon = this.colons.get(this.multiline || !root.members?.length ? ": " : ":");
    this.comma = this.commas.get(this.colon.endsWith(":") ? "," : ", ");
  }

  walk(node, depth, key) {
    const elements = elementsOf(node);
    if (elements.length) this.look(node, elements, depth, key);
    for (const element of elements) {
      if (node.kind === "array") this.walk(element, depth + 1, key);
      else this.walk(element.value, depth + 1, element.key);
    }
  }

  look(node, elements, depth, key) {
    const lead = this.text.slice(node.start + 1, elements[0].start);
    const broken = hasNewline(lead);
    for (const name of this.names(node.kind, elements, depth, key)) {
      if (!this.lines.has(name)) this.lines.set(name, new Votes());
      this.lines.get(name).add(broken);
    }
    if (broken) this.units.add(this.unitOf(node));
    else this.pads[node.kind].add(lead);
    for (const [index, element] of elements.entries()) {
      if (node.kind === "object") {
        const colon = this.text.slice(element.keyEnd, element.value.start);
        if (!hasNewline(colon)) this.colons.add(colon);
      }
      if (!index) continue;
      const gap = this.text.slice(elements[index - 1].end, element.start);
      if (!hasNewline(gap)) this.commas.add(gap);
    }
  }

  // How much further the elements of a container stand than the line on which it begins; null where they do not.
  unitOf(node) {
    const [first] = elementsOf(node);
    if (!first || !hasNewline(this.text.slice(node.start + 1, first.start))) return null;
    const own = lineIndent(this.text, node.start);
    const inner = lineIndent(this.text, first.start);
    return inner.startsWith(own) ? inner.slice(own.length) : null;
  }

  // Where to look for how a container like this is written, the most similar first.
  names(kind, elements, depth, key) {
    const flat = elements.every((element) => !isContainer(element.value?.kind ? element.value : element));
    const sort = `${kind}${flat ? " of plain values" : ""}`;
    return [`${sort} ${key}`, `${sort} at ${depth}`, ...(depth ? [sort] : [])];
  }

  isBroken(kind, sample, depth, key) {
    if (!this.multiline) return false;
    for (const name of this.names(kind, sample, depth, key)) {
      const votes = this.lines.get(name);
      if (votes) return votes.get(true);
    }
    return true;
  }

  quote(value) {
    const written = JSON.stringify(value);
    if (!this.ascii) return written;
    return written.replace(/[^\u0000-\u007f]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  }

  // A new value: string, number, boolean, null, Raw, array, Map or plain object. `indent` is that of its first line.
  write(value, indent, depth, key) {
    if (value instanceof Raw) return value.at(indent);
    if (typeof value === "string") return this.quote(value);
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const kind = Array.isArray(value) ? "array" : "object";
    const entries = kind === "array" ? value.map((item) => [key, item]) : value instanceof Map ? [...value] : Object.entries(value);
    if (!entries.length) return kind === "array" ? "[]" : "{}";
    const broken = this.isBroken(kind, entries.map(([, item]) => kindOf(item)), depth, key);
    const inner = broken ? indent + this.indent : indent;
    const parts = entries.map(([name, item]) => {
      const written = this.write(item, inner, depth + 1, name);
      return kind === "array" ? written : `${this.quote(name)}${this.colon}${written}`;
    });
    return this.bracket(kind, parts, indent, broken);
  }

  bracket(kind, parts, indent, broken) {
    const [open, close] = kind === "array" ? "[]" : "{}";
    if (!broken) {
      const pad = this.pads[kind].get("");
      return `${open}${pad}${parts.join(this.comma)}${pad}${close}`;
    }
    const lead = this.newline + indent + this.indent;
    return `${open}${lead}${parts.join(`,${lead}`)}${this.newline}${indent}${close}`;
  }
}

// Enough of a node for Style.names().
function kindOf(value) {
  if (value instanceof Raw) return { kind: { "[": "array", "{": "object" }[value.text[0]] ?? "plain" };
  const isObject = value !== null && typeof value === "object";
  return { kind: Array.isArray(value) ? "array" : isObject ? "object" : "plain" };
}
