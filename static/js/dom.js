// Descriptions of elements, and a document kept as described: what stays the same element keeps focus, selection and
// scroll. `h("div.note", {onclick, "aria-label": …}, children)`; elements of a list are told apart by their `key`.

const PROPERTIES = new Set(["checked", "disabled", "hidden", "selected", "open", "readOnly", "indeterminate"]);
const OWN = new Set(["key", "keep", "value"]);

export function h(name, props, ...children) {
  const [tag, ...classes] = name.split(".");
  const merged = { ...props };
  if (classes.length) merged.class = [...classes, ...(merged.class ? [merged.class] : [])].join(" ");
  return { tag, props: merged, children: flat(children), key: merged.key };
}

// A description that is made anew only when one of `needs` is another than before.
export function lazy(key, needs, make) {
  return { lazy: true, key, needs, make };
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== true)
    .map((child) => (typeof child === "object" ? child : { text: String(child) }));
}

// Make what stands in the element what is described. Whoever had the focus keeps it as long as it is still there.
export function render(element, ...described) {
  const active = document.activeElement;
  const inside = element.contains(active);
  const selection = inside ? selectionOf(active) : null;
  patchChildren(element, flat(described));
  if (!inside || document.activeElement === active || !active.isConnected) return;
  active.focus({ preventScroll: true });
  if (selection) active.setSelectionRange(...selection);
}

function selectionOf(element) {
  try {
    return element.selectionStart === null || element.selectionStart === undefined ? null : [element.selectionStart, element.selectionEnd];
  } catch {
    return null; // kinds of input without a selection
  }
}

const described = new WeakMap(); // element or text → its description
const listeners = new WeakMap(); // element → {event: function}
const hiddenData = new WeakMap(); // element → its props

// What was described of an element: its props.
export function propsOf(element) {
  return hiddenData.get(element);
}

function nameOf(vnode) {
  return vnode.text !== undefined ? "#text" : vnode.lazy ? "#lazy" : vnode.tag;
}

function patchChildren(element, children) {
  const old = [...element.childNodes].filter((node) => described.has(node));
  const byKey = new Map();
  const free = [];
  for (const node of old) {
    const key = described.get(node).key;
    if (key === undefined) free.push(node);
    else byKey.set(key, node);
  }
  const used = new Set();
  const nodes = children.map((child) => {
    const node = take(child, byKey, free, used);
    return node ? update(node, child) : create(child);
  });
  for (const node of old) if (!used.has(node)) node.remove();
  nodes.forEach((node, index) => {
    if (element.childNodes[index] !== node) element.insertBefore(node, element.childNodes[index] ?? null);
  });
}

function take(child, byKey, free, used) {
  const name = nameOf(child);
  const fits = (node) => !used.has(node) && nameOf(described.get(node)) === name;
  const node = child.key !== undefined ? byKey.get(child.key) : free.find(fits);
  if (!node || !fits(node)) return null;
  used.add(node);
  if (child.key === undefined) free.splice(free.indexOf(node), 1);
  return node;
}

function create(vnode) {
  if (vnode.text !== undefined) {
    const text = document.createTextNode(vnode.text);
    described.set(text, vnode);
    return text;
  }
  if (vnode.lazy) {
    const made = vnode.make();
    const element = create(made);
    described.set(element, { ...vnode, made });
    return element;
  }
  const element = document.createElement(vnode.tag);
  described.set(element, vnode);
  if (!vnode.props.keep) patchChildren(element, vnode.children);
  setProps(element, {}, vnode.props);
  return element;
}

// The node after it was made what is described; another node where a lazy part changed its tag.
function update(node, vnode) {
  const before = described.get(node);
  if (vnode.text !== undefined) {
    if (before.text !== vnode.text) node.data = vnode.text;
    described.set(node, vnode);
    return node;
  }
  if (vnode.lazy) return updateLazy(node, before, vnode);
  described.set(node, vnode);
  if (!vnode.props.keep) patchChildren(node, vnode.children);
  setProps(node, before.props, vnode.props);
  return node;
}

function updateLazy(node, before, vnode) {
  if (before.needs.length === vnode.needs.length && before.needs.every((need, index) => need === vnode.needs[index])) {
    described.set(node, { ...vnode, made: before.made });
    return node;
  }
  const made = vnode.make();
  if (made.tag !== before.made.tag) throw new Error("a lazy part keeps its tag");
  if (!made.props.keep) patchChildren(node, made.children);
  setProps(node, before.made.props, made.props);
  described.set(node, { ...vnode, made });
  return node;
}

function setProps(element, before, after) {
  hiddenData.set(element, after);
  for (const name of Object.keys(before)) if (!(name in after)) setProp(element, name, undefined);
  for (const [name, value] of Object.entries(after)) setProp(element, name, value, before[name]);
  if ("value" in after) setValue(element, before.value, after.value);
}

function setProp(element, name, value, before) {
  if (OWN.has(name)) return;
  if (name.startsWith("on")) listen(element, name.slice(2), value);
  else if (typeof value === "function" || typeof before === "function") return; // read by propsOf()
  else if (PROPERTIES.has(name)) {
    if (element[name] !== Boolean(value)) element[name] = Boolean(value);
  } else if (value === undefined || value === null || (value === false && !name.startsWith("aria-"))) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

// What somebody has typed stays until another value is described.
function setValue(element, before, after) {
  if ((before !== after || element.tagName === "SELECT") && element.value !== after) element.value = after;
}

function listen(element, event, handler) {
  if (!listeners.has(element)) listeners.set(element, {});
  const own = listeners.get(element);
  if (!(event in own)) element.addEventListener(event, (one) => own[event]?.(one));
  own[event] = handler;
}
