// Where in a policy the cursor stands, also while the text is not yet JSON: missing commas, quotes and brackets are
// taken as they are most likely meant.

const TOKEN = /"(?:\\[^\n\r]|[^"\\\n\r])*"?|[{}[\]:,]|[^\s{}[\]:,"]+/g;

// The tokens of a text: {kind: "{}[]:," or "string" or "word", start, end, closed (of a string)}.
export function tokensOf(text) {
  const found = [];
  for (const match of text.matchAll(TOKEN)) {
    const raw = match[0];
    const start = match.index;
    const kind = raw[0] === '"' ? "string" : "{}[]:,".includes(raw) ? raw : "word";
    const closed = kind === "string" && /^"(?:\\.|[^"\\])*"$/.test(raw);
    found.push({ kind, start, end: start + raw.length, closed });
  }
  return found;
}

// What a string token says; an escape that is not one stays as it is written.
export function stringOf(text, token) {
  const inner = text.slice(token.start + 1, token.closed ? token.end - 1 : token.end);
  if (!inner.includes("\\")) return inner;
  try {
    return JSON.parse(`"${inner}"`);
  } catch {
    return inner;
  }
}

// The tolerant tree: objects {kind: "object", start, end, members: [{key, keyToken, value}]}, arrays {kind: "array",
// start, end, items}, strings and words {kind, start, end, value}. `around` gets (frames, token) for each token and
// for the end, so that a caller sees what was open there.
class Reader {
  constructor(text) {
    this.text = text;
    this.frames = [{ node: { kind: "root", start: 0, end: text.length, items: [] }, expects: "value", key: null }];
  }

  get top() {
    return this.frames[this.frames.length - 1];
  }

  take(token) {
    switch (token.kind) {
      case "{": return this.open("object", token);
      case "[": return this.open("array", token);
      case "}": return this.close("object", token);
      case "]": return this.close("array", token);
      case ":": return this.colon();
      case ",": return this.comma();
      default: return this.scalar(token);
    }
  }

  open(kind, token) {
    const node = { kind, start: token.start, end: this.text.length, [kind === "object" ? "members" : "items"]: [] };
    this.put(node);
    this.frames.push({ node, expects: kind === "object" ? "key" : "value", key: null });
  }

  // The innermost open bracket of the kind and all within it end here; a bracket that fits nothing is passed over.
  close(kind, token) {
    const at = this.frames.findLastIndex((frame) => frame.node.kind === kind);
    if (at < 1) return;
    for (const frame of this.frames.splice(at)) frame.node.end = token.end;
  }

  colon() {
    if (this.top.node.kind === "object" && this.top.key) this.top.expects = "value";
  }

  comma() {
    if (this.top.node.kind === "object") Object.assign(this.top, { expects: "key", key: null });
  }

  scalar(token) {
    const value = token.kind === "string" ? stringOf(this.text, token) : this.text.slice(token.start, token.end);
    const { node } = this.top;
    if (node.kind === "object" && this.top.expects !== "value") {
      this.top.key = { key: value, keyToken: token, value: null };
      node.members.push(this.top.key);
      this.top.expects = "colon";
    } else {
      this.put({ kind: token.kind, start: token.start, end: token.end, value });
    }
  }

  put(value) {
    const { node } = this.top;
    if (node.kind !== "object") {
      node.items.push(value);
      return;
    }
    if (!this.top.key) {
      this.top.key = { key: "", keyToken: null, value: null };
      node.members.push(this.top.key);
    }
    this.top.key.value = value;
    Object.assign(this.top, { expects: "key", key: null });
  }

  // What a value that came next would be: the path to it, and whether a key or a value is meant.
  place() {
    const path = [];
    for (const { node } of this.frames.slice(0, -1)) {
      if (node.kind === "array") path.push(node.items.length - 1);
      else if (node.kind === "object") path.push(node.members.at(-1)?.key ?? "");
    }
    const { node, key, expects } = this.top;
    return { path, expects, key: key?.key ?? null, node, index: node.items?.length };
  }
}

export function treeOf(text) {
  const reader = new Reader(text);
  for (const token of tokensOf(text)) reader.take(token);
  return reader.frames[0].node.items[0] ?? null;
}

// The context of an offset:
//   path       keys and indexes to what stands, or would stand, at the cursor (its own key or index included)
//   expects    "key" or "value"; "colon" behind a key
//   token      the string or word that the cursor is in, or null; `before` is its text up to the cursor
//   container  the object or array around it, and `container.members` / `items`, the whole text read
//   statement  the statement around it, or null; `root` the whole tree
export function contextAt(text, offset) {
  const reader = new Reader(text);
  let found = null;
  for (const token of tokensOf(text)) {
    if (!found && token.end >= offset && !(token.end === offset && endsBefore(token))) {
      const inside = token.start < offset && (token.kind === "string" || token.kind === "word");
      found = { ...reader.place(), token: inside ? token : null };
    }
    reader.take(token);
  }
  found ??= { ...reader.place(), token: null };
  const root = reader.frames[0].node.items[0] ?? null;
  const { expects, token, node } = found;
  const path = [...found.path];
  if (node.kind === "array") path.push(found.index);
  else if (node.kind === "object" && expects === "value") path.push(found.key ?? "");
  return {
    path,
    expects,
    token,
    before: token ? text.slice(token.start + (token.kind === "string" ? 1 : 0), offset) : "",
    container: node,
    statement: statementOn(root, path),
    root,
  };
}

// Whether a token that ends at the cursor is over: a bracket, a comma, a closed string; a word may go on.
function endsBefore(token) {
  return token.kind === "string" ? token.closed : token.kind !== "word";
}

function statementOn(root, path) {
  if (path[0] !== "Statement" || root?.kind !== "object") return null;
  const value = memberOf(root, "Statement")?.value;
  if (value?.kind === "array") return value.items[path[1]]?.kind === "object" ? value.items[path[1]] : null;
  return value?.kind === "object" ? value : null;
}

// The member of an object of the tolerant tree, by key; the last one, as JSON readers have it.
export function memberOf(node, key) {
  return node?.kind === "object" ? node.members.findLast((member) => member.key === key) : undefined;
}

// The texts of a member that is a string or a list of strings.
export function textsOf(node, key) {
  const value = memberOf(node, key)?.value;
  if (!value) return [];
  const items = value.kind === "array" ? value.items : [value];
  return items.filter((item) => item.kind === "string").map((item) => item.value);
}

// The text with every part on its place, indented by two spaces; strings and numbers stay as they are written.
export function formatted(text, indent = "  ", newline = "\n") {
  const tokens = tokensOf(text);
  let depth = 0;
  let result = "";
  const line = () => newline + indent.repeat(depth);
  tokens.forEach((token, number) => {
    const next = tokens[number + 1]?.kind;
    const previous = tokens[number - 1]?.kind;
    if ("}]".includes(token.kind)) {
      depth = Math.max(0, depth - 1);
      if (!"{[".includes(previous ?? "")) result += line();
    }
    result += text.slice(token.start, token.end);
    if ("{[".includes(token.kind)) {
      depth += 1;
      if (!"}]".includes(next ?? "")) result += line();
    } else if (token.kind === ",") result += line();
    else if (token.kind === ":") result += " ";
  });
  return result;
}

// The text without white space between its parts.
export function compacted(text) {
  return tokensOf(text).map((token) => text.slice(token.start, token.end)).join("");
}

// How many characters IAM counts: all but white space.
export function sizeOf(text) {
  return [...text.replace(/\s+/gu, "")].length;
}
