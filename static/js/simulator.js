// The simulator: a cursor that walks the grid, the why beside it, filters that change the grid in place.
import { Grid } from "./grid.js";

const split = document.getElementById("split");
const narrow = window.matchMedia("(max-width: 1079px)");
const main = document.getElementById("main");
let grid = null;
let asking = 0;

function address(form, button) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) {
    if (typeof value === "string" && value !== "") fields.append(name, value);
  }
  return `${form.getAttribute("action")}?${fields}`;
}

// The grid keeps its place while what stands around it changes.
function load(url) {
  const box = document.getElementById("gridbox");
  const scroll = box && [box.scrollLeft, box.scrollTop];
  const cursor = grid?.cursor();
  const focused = Boolean(grid?.hasFocus());
  main.setAttribute("aria-busy", "true");
  return htmx.ajax("GET", url, { target: "#split", swap: "innerHTML" }).then(() => {
    main.removeAttribute("aria-busy");
    const fresh = document.getElementById("gridbox");
    if (fresh && scroll) fresh.scrollTo(scroll[0], scroll[1]);
    start(cursor, focused);
  });
}

async function showWhy(url) {
  const turn = ++asking;
  await htmx.ajax("GET", url, { target: "#why", swap: "innerHTML" });
  if (turn === asking) document.getElementById("why")?.classList.remove("nothing");
}

function questionOf() {
  const query = new URLSearchParams(location.search);
  for (const name of ["why", "why_type", "why_action", "edit"]) query.delete(name);
  return query;
}

function why(cell) {
  const query = questionOf();
  query.set("why", cell.identity);
  query.set("why_type", cell.type);
  if (cell.action) query.set("why_action", cell.action);
  const url = `${cell.base}?${query}`;
  if (narrow.matches) location.assign(url);
  else showWhy(url);
}

function closeWhy() {
  if (!new URLSearchParams(location.search).has("why")) return false;
  const query = questionOf().toString();
  load(`${document.getElementById("question").getAttribute("action")}${query ? `?${query}` : ""}`);
  return true;
}

function toggle(type) {
  const form = document.getElementById("question");
  const button = [...document.querySelectorAll('button[name="toggle"]')].find((one) => one.value === type);
  if (form && button) load(address(form, button));
}

function showKeys() {
  document.getElementById("keys").showModal();
}

function start(cursor, focus) {
  const table = document.querySelector("table.grid");
  grid = table && new Grid(table, { why, toggle, showKeys, closeWhy, status: document.getElementById("status") });
  if (grid && cursor) grid.restore(cursor, focus);
  const open = split.querySelector("details.chip[open] [data-first]");
  if (open && !cursor) open.focus();
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "question") return;
  event.preventDefault();
  load(address(event.target, event.submitter));
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest("a");
  if (!link || !split.contains(link)) return;
  if (link.closest("[data-close]") && closeWhy()) {
    event.preventDefault();
    grid?.focus();
  } else if (link.matches("[data-why]") && !narrow.matches) {
    event.preventDefault();
    const query = new URL(link.href).search;
    showWhy(`${document.querySelector("table.grid").dataset.why}${query}`);
  }
});

// Whoever types a value means it.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-value]")) return;
  const choice = event.target.closest(".sheet").querySelector("[data-has-value]");
  if (choice) choice.checked = event.target.value !== "";
});

document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) showKeys();
});

start();
