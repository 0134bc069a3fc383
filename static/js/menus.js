// Sheets under a <details>: Escape and a click elsewhere close them, and they stay inside the window.
function open() {
  return document.querySelectorAll("details.menu[open], details.chip[open]");
}

function close(details, focus) {
  details.open = false;
  if (focus) details.querySelector("summary").focus();
}

function onKey(event) {
  if (event.key !== "Escape") return;
  for (const details of open()) {
    if (details.contains(event.target) || event.target === document.body) {
      event.stopPropagation();
      close(details, true);
    }
  }
}

function onPointer(event) {
  for (const details of open()) {
    if (!details.contains(event.target)) close(details, false);
  }
}

function onToggle(event) {
  const details = event.target;
  if (!details.open || !details.matches("details.menu, details.chip")) return;
  for (const other of open()) if (other !== details && !other.contains(details)) close(other, false);
  const sheet = details.querySelector(".sheet");
  sheet.classList.remove("flip");
  if (sheet.getBoundingClientRect().right > document.documentElement.clientWidth - 8) sheet.classList.add("flip");
  sheet.querySelector("[data-first]")?.focus();
}

export function watchMenus() {
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("pointerdown", onPointer);
  document.addEventListener("toggle", onToggle, true);
}
