// What every page does: `/` focuses the search, menus close, times are local, colours can be chosen.
import { localise } from "./times.js";
import { watchMenus } from "./menus.js";

const YEAR = 365 * 24 * 3600;

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function focusSearch(event) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const field = document.getElementById("find");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}

function chooseTheme(event) {
  const button = event.target.closest("[data-theme-value]");
  if (!button) return;
  const theme = button.dataset.themeValue;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=${theme ? YEAR : 0}; SameSite=Lax${secure}`;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const other of button.parentElement.querySelectorAll("button")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
}

async function copy(event) {
  const button = event.target.closest("[data-copy-link], [data-copy-from]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copyFrom);
  const text = source ? source.textContent : new URL(button.dataset.copyLink, location.href).href;
  const before = button.dataset.label || button.textContent;
  button.dataset.label = before;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Could not copy";
  }
  setTimeout(() => { button.textContent = before; }, 2000);
}

document.addEventListener("keydown", focusSearch);
document.addEventListener("click", chooseTheme);
document.addEventListener("click", copy);
document.addEventListener("htmx:load", (event) => localise(event.detail.elt));
localise(document);
watchMenus();
