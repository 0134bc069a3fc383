// A text field with suggestions (the combobox of ARIA 1.2): arrow keys walk them, Enter takes one, Escape closes, and any
// other text may be typed. `combobox({id, label, value, options, onchoose})` describes it for dom.js.
import { h, propsOf } from "./dom.js";

const MOST = 60;

// `options(text)` answers [{value, label?, note?}]; `onchoose(value, field)` hears Enter and a choice, and answers false
// where more is to be typed; `oninput(text)` hears each key, `oncancel()` Escape where no suggestions are shown. Where a `free` text is meant to be added, it is offered too.
export function combobox({ id, label, value = "", options, onchoose, oninput, oncancel, ...more }) {
  const list = `${id}-list`;
  return h("div.combo", { key: id, onfocusout: leave },
    h("input", {
      id, value, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", autocapitalize: "off",
      "aria-label": label, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list,
      ...more,
      options, chosen: onchoose, cancelled: oncancel,
      onkeydown, onclick: (event) => open(event.target),
      oninput: (event) => { oninput?.(event.target.value); open(event.target); },
    }),
    h("ul", { id: list, role: "listbox", "aria-label": `${label}: suggestions`, keep: true, onpointerdown, onclick: pick }));
}

const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
const activeOf = (field) => document.getElementById(field.getAttribute("aria-activedescendant") ?? "");
const isOpen = (field) => field.getAttribute("aria-expanded") === "true";

// Words that all must occur, in any order; what begins like the text comes first.
export function matching(options, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return options;
  const found = options.filter((option) => {
    const where = `${option.value} ${option.label ?? ""} ${option.note ?? ""}`.toLowerCase();
    return words.every((word) => where.includes(word));
  });
  const starts = (option) => option.value.toLowerCase().startsWith(words[0]);
  return [...found.filter(starts), ...found.filter((option) => !starts(option))];
}

function open(field) {
  const list = listOf(field);
  const options = propsOf(field).options(field.value);
  field.removeAttribute("aria-activedescendant");
  const shown = [...options.slice(0, MOST), ...freeOption(field, options)];
  list.replaceChildren(...shown.map((option, index) => line(list, option, index)));
  if (options.length > MOST) list.append(rest(options.length - MOST));
  list.classList.toggle("shown", shown.length > 0);
  list.classList.remove("flip");
  list.classList.toggle("flip", list.getBoundingClientRect().right > document.documentElement.clientWidth - 8);
  field.setAttribute("aria-expanded", String(shown.length > 0));
}

// Whoever has no Enter key, or does not think of it, adds what was typed by this.
function freeOption(field, options) {
  const text = field.value.trim();
  if (!field.dataset.free || !text || text.endsWith(":") || options.some((option) => option.value === text)) return [];
  return [{ value: text, label: `Add ${text}` }];
}

function line(list, option, index) {
  const item = document.createElement("li");
  item.id = `${list.id}-${index}`;
  item.role = "option";
  item.ariaSelected = "false";
  item.dataset.value = option.value;
  item.append(option.label ?? option.value);
  if (option.note) {
    const note = document.createElement("small");
    note.textContent = option.note;
    item.append(" ", note);
  }
  return item;
}

function rest(count) {
  const item = document.createElement("li");
  item.role = "option";
  item.ariaDisabled = "true";
  item.className = "rest";
  item.textContent = `${count.toLocaleString("en")} more: type on`;
  return item;
}

function close(field) {
  const list = listOf(field);
  list?.classList.remove("shown");
  list?.replaceChildren();
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function activate(field, item) {
  const before = activeOf(field);
  if (before) before.ariaSelected = "false";
  if (!item) return;
  item.ariaSelected = "true";
  item.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", item.id);
}

function step(field, by) {
  if (!isOpen(field)) open(field);
  const items = [...listOf(field).querySelectorAll("[data-value]")];
  if (!items.length) return;
  const now = items.indexOf(activeOf(field));
  activate(field, items[now < 0 ? (by > 0 ? 0 : items.length - 1) : (now + by + items.length) % items.length]);
}

function choose(field, value) {
  field.value = value;
  close(field);
  if (propsOf(field).chosen(value, field) === false) open(field);
}

function onkeydown(event) {
  const field = event.target;
  if (event.ctrlKey || event.metaKey || event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(field, event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter") choose(field, activeOf(field)?.dataset.value ?? field.value);
  else if (event.key === "Escape" && isOpen(field)) {
    event.stopPropagation();
    close(field);
  } else if (event.key === "Escape" && propsOf(field).cancelled) propsOf(field).cancelled();
  else return;
  event.preventDefault();
}

// The field keeps the focus while somebody points at a suggestion.
function onpointerdown(event) {
  event.preventDefault();
}

function pick(event) {
  const item = event.target.closest("[data-value]");
  const field = event.currentTarget.parentElement.querySelector("input");
  if (item) choose(field, item.dataset.value);
}

function leave(event) {
  if (!event.currentTarget.contains(event.relatedTarget)) close(event.currentTarget.querySelector("input"));
}
