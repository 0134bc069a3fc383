// A table with a cursor: one stop of the Tab key, arrow keys move in it (the grid pattern of ARIA).
// Columns count from -1 (the identity's name); rows from -2 (types), -1 (actions of open types), 0 (first identity).

export class Grid {
  constructor(table, { why, toggle, showKeys, closeWhy, status }) {
    this.table = table;
    this.on = { why, toggle, showKeys, closeWhy };
    this.status = status;
    this.rows = [...table.tBodies[0].rows];
    this.readHeads();
    this.at = { row: 0, column: 0 };
    this.element = null;
    table.addEventListener("keydown", (event) => this.onKey(event));
    table.addEventListener("click", (event) => this.onClick(event));
    table.addEventListener("mouseover", (event) => this.onHover(event));
    table.addEventListener("focusin", (event) => this.onFocus(event));
    table.addEventListener("focusout", () => this.element?.classList.remove("cur"));
    this.rest(this.cellAt(0, 0) || this.cellAt(0, -1));
    this.markSeen();
  }

  // For each column: its type, its action where the type is open, and the two header cells above it.
  readHeads() {
    const [first, second] = this.table.tHead.rows;
    const actions = [...second.cells];
    this.heads = [];
    for (const head of [...first.cells].slice(1)) {
      const type = head.dataset.type;
      for (let left = head.colSpan; left > 0; left -= 1) {
        const isOpen = head.classList.contains("g");
        const action = isOpen ? actions.shift() : null;
        this.heads.push({ type, action: action?.dataset.action || "", top: head, low: action || head });
      }
    }
  }

  cellAt(row, column) {
    if (row >= 0) return this.rows[row]?.cells[column + 1];
    if (column < 0) return null;
    const head = this.heads[column];
    return head && (row === -1 ? head.low : head.top);
  }

  place(element) {
    const cell = element.closest("td, th");
    const row = cell?.parentElement;
    if (row?.parentElement === this.table.tBodies[0]) {
      return { row: this.rows.indexOf(row), column: cell.cellIndex - 1 };
    }
    const column = this.heads.findIndex((head) => head.low === cell);
    if (column >= 0) return { row: -1, column };
    const group = this.heads.findIndex((head) => head.top === cell);
    return group >= 0 ? { row: -2, column: group } : null;
  }

  // The cell that Tab comes to.
  rest(element) {
    if (!element) return;
    this.element?.setAttribute("tabindex", "-1");
    this.element?.classList.remove("cur");
    this.element = element;
    element.setAttribute("tabindex", "0");
  }

  move(row, column, focus = true) {
    const bounded = {
      row: Math.max(-2, Math.min(row, this.rows.length - 1)),
      column: Math.max(-1, Math.min(column, this.heads.length - 1)),
    };
    if (bounded.column < 0 && bounded.row < 0) bounded.row = Math.max(0, bounded.row);
    const element = this.cellAt(bounded.row, bounded.column);
    if (!element) return;
    this.at = bounded;
    this.rest(element);
    if (focus) {
      element.focus({ preventScroll: true });
      this.reveal(element);
      this.tell();
    }
  }

  // Into view, beside the header and the names that stay in place.
  reveal(element) {
    this.revealInBox(element);
    element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  revealInBox(element) {
    const box = this.table.parentElement;
    const seen = box.getBoundingClientRect();
    const cell = element.getBoundingClientRect();
    const left = seen.left + this.table.tHead.rows[0].cells[0].offsetWidth;
    const top = seen.top + this.table.tHead.offsetHeight;
    if (this.at.column >= 0) {
      if (cell.left < left) box.scrollLeft -= left - cell.left + 8;
      else if (cell.right > seen.left + box.clientWidth) box.scrollLeft += cell.right - seen.left - box.clientWidth + 8;
    }
    if (this.at.row >= 0) {
      if (cell.top < top) box.scrollTop -= top - cell.top + 4;
      else if (cell.bottom > seen.top + box.clientHeight) box.scrollTop += cell.bottom - seen.top - box.clientHeight + 4;
    }
  }

  describe({ row, column }) {
    const head = this.heads[column];
    const name = this.rows[row]?.dataset.name;
    const type = head && (head.type === "*" ? "no resource type" : head.type);
    const what = head && (head.action ? `${head.action.split(":")[1]} on ${type}` : type);
    if (row < 0) return what ? [what, "X or Enter opens and closes the type"] : [];
    if (!head) return [name, this.rows[row].cells[0].title];
    return [name, what, this.rows[row].cells[column + 1].getAttribute("aria-label")];
  }

  tell(place = this.at) {
    if (!this.status) return;
    const [first, ...rest] = this.describe(place);
    const strong = document.createElement("b");
    strong.textContent = first || "";
    this.status.replaceChildren(strong, ` · ${rest.join(" · ")} — ${this.status.dataset.keys}`);
    this.markHead(place);
  }

  markHead({ row, column }) {
    for (const old of this.table.querySelectorAll(".here")) old.classList.remove("here");
    for (const old of this.table.querySelectorAll("tr.on")) old.classList.remove("on");
    this.heads[column]?.low.classList.add("here");
    this.rows[row]?.classList.add("on");
  }

  // The cell whose why stands beside the grid.
  markSeen() {
    const query = new URLSearchParams(location.search);
    for (const old of this.table.querySelectorAll(".seen")) old.classList.remove("seen");
    const row = this.rows.findIndex((one) => one.dataset.identity === query.get("why"));
    const action = query.get("why_action") || "";
    const column = this.heads.findIndex((head) => head.type === query.get("why_type") && (!head.action || !action || head.action === action));
    if (row < 0 || column < 0) return;
    this.cellAt(row, column).classList.add("seen");
    this.at = { row, column };
    this.rest(this.cellAt(row, column));
    this.revealInBox(this.cellAt(row, column));
  }

  activate() {
    const { row, column } = this.at;
    if (row < 0) this.on.toggle(this.heads[column].type);
    else if (column < 0) this.rows[row].cells[0].querySelector("a").click();
    else this.openWhy(row, column);
  }

  openWhy(row, column) {
    const head = this.heads[column];
    for (const old of this.table.querySelectorAll(".seen")) old.classList.remove("seen");
    this.cellAt(row, column).classList.add("seen");
    this.on.why({
      identity: this.rows[row].dataset.identity, type: head.type, action: head.action, base: this.table.dataset.why,
    });
  }

  onKey(event) {
    if (event.altKey || event.metaKey) return;
    const { row, column } = this.at;
    const far = event.ctrlKey;
    const last = this.rows.length - 1;
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      Home: [far ? 0 : row, far ? -1 : row < 0 ? 0 : -1], End: [far ? last : row, this.heads.length - 1],
      PageUp: [Math.max(0, row - 10), column], PageDown: [row + 10, column],
    };
    // A closed type has one header cell: the second way up would stay where it is.
    if (event.key === "ArrowUp" && row === -1 && this.heads[column]?.top === this.heads[column]?.low) moves.ArrowUp = [row, column];
    if (event.key === "ArrowDown" && row === -2 && this.heads[column]?.top === this.heads[column]?.low) moves.ArrowDown = [0, column];
    if (moves[event.key]) {
      this.move(...moves[event.key]);
    } else if (event.key === "Enter" || event.key === " ") {
      this.activate();
    } else if (event.key.toLowerCase() === "x" && !far && column >= 0) {
      this.on.toggle(this.heads[column].type);
    } else if (event.key === "Escape") {
      if (!this.on.closeWhy()) return;
    } else {
      return;
    }
    event.preventDefault();
  }

  onClick(event) {
    if (event.target.closest("a")) return;
    const place = this.place(event.target);
    if (!place) return;
    if (place.row < 0) {
      if (event.target.closest("button")) event.preventDefault();
      this.at = place;
      if (event.target.closest("button")) this.on.toggle(this.heads[place.column].type);
      return;
    }
    this.move(place.row, place.column);
    if (place.column >= 0) this.openWhy(place.row, place.column);
  }

  onHover(event) {
    const place = this.place(event.target);
    if (place && !this.hasFocus()) this.tell(place);
  }

  onFocus(event) {
    const place = this.place(event.target);
    if (!place) return;
    this.at = place;
    this.rest(this.cellAt(place.row, place.column));
    this.element.classList.add("cur");
    this.tell();
  }

  hasFocus() {
    return this.table.contains(document.activeElement);
  }

  focus() {
    this.element?.focus();
  }

  // Where the cursor is, by names, so that it survives another page of columns or rows.
  cursor() {
    const head = this.heads[this.at.column];
    return { identity: this.rows[this.at.row]?.dataset.identity, row: this.at.row, type: head?.type, action: head?.action };
  }

  restore(cursor, focus) {
    let row = this.rows.findIndex((one) => one.dataset.identity === cursor.identity);
    if (row < 0) row = Math.min(cursor.row, this.rows.length - 1);
    let column = this.heads.findIndex((head) => head.type === cursor.type && head.action === cursor.action);
    if (column < 0) column = this.heads.findIndex((head) => head.type === cursor.type);
    this.move(row, column, focus);
    if (!focus) this.element?.classList.remove("cur");
  }
}
