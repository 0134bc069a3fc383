// The grid of one identity: types without anything possible can be hidden, arrow keys walk the squares.
const table = document.getElementById("cells");
const possible = document.getElementById("possible");
const status = document.getElementById("status");

function show() {
  table.classList.toggle("only-possible", possible.checked);
}

function squares() {
  return [...table.querySelectorAll("tbody tr")]
    .filter((row) => row.offsetParent)
    .map((row) => [...row.querySelectorAll("a.v")])
    .filter((row) => row.length);
}

function rest(square) {
  for (const other of table.querySelectorAll('a.v[tabindex="0"]')) other.tabIndex = -1;
  square.tabIndex = 0;
}

function go(square) {
  if (!square) return;
  rest(square);
  square.focus();
}

function tell(square) {
  const type = square.closest("tr").cells[0].textContent.trim();
  status.textContent = `${square.getAttribute("aria-label")} · ${type}`;
}

table.addEventListener("keydown", (event) => {
  if (!event.target.matches("a.v") || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = squares();
  const row = rows.findIndex((one) => one.includes(event.target));
  const at = rows[row].indexOf(event.target);
  const across = (other) => rows[other]?.[Math.min(at, rows[other].length - 1)];
  const next = {
    ArrowLeft: rows[row][at - 1], ArrowRight: rows[row][at + 1],
    ArrowUp: across(row - 1), ArrowDown: across(row + 1),
    Home: rows[row][0], End: rows[row][rows[row].length - 1],
  };
  if (!(event.key in next)) return;
  event.preventDefault();
  go(next[event.key]);
});
table.addEventListener("focusin", (event) => { if (event.target.matches("a.v")) { rest(event.target); tell(event.target); } });
table.addEventListener("mouseover", (event) => { if (event.target.matches("a.v")) tell(event.target); });
possible.addEventListener("change", show);

for (const square of table.querySelectorAll("a.v")) square.tabIndex = -1;
show();
const first = squares()[0]?.[0] || table.querySelector("a.v");
if (first) first.tabIndex = 0;
else possible.closest(".bar").hidden = true;
