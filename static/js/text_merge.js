// Merging by lines: what two people made of one text, where they changed different lines.

// The lines of a text with their ends, so that joined they are the text.
const linesOf = (text) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

// Runs of lines that both have: [{a, b, length}], by a longest common subsequence.
export function commonRuns(a, b) {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const left = a.slice(head, a.length - tail);
  const right = b.slice(head, b.length - tail);
  const width = right.length + 1;
  const table = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      table[i * width + j] = left[i] === right[j] ? table[(i + 1) * width + j + 1] + 1 : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
    }
  }
  const runs = head ? [{ a: 0, b: 0, length: head }] : [];
  const add = (at, other) => {
    const last = runs.at(-1);
    if (last && last.a + last.length === at && last.b + last.length === other) last.length += 1;
    else runs.push({ a: at, b: other, length: 1 });
  };
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    if (left[i] === right[j]) add(head + i++, head + j++);
    else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) i += 1;
    else j += 1;
  }
  for (let step = tail; step > 0; step -= 1) add(a.length - step, b.length - step);
  return runs;
}

// The text with the changes of both, or null where both changed the same lines in different ways.
export function merged(base, mine, theirs) {
  const [o, a, b] = [base, mine, theirs].map(linesOf);
  const inBoth = stable(commonRuns(o, a), commonRuns(o, b));
  const result = [];
  let [at, left, right] = [0, 0, 0];
  for (const { o: place, a: mineAt, b: theirsAt } of [...inBoth, { o: o.length, a: a.length, b: b.length }]) {
    const part = settled(o.slice(at, place), a.slice(left, mineAt), b.slice(right, theirsAt));
    if (!part) return null;
    result.push(...part);
    if (place < o.length) result.push(o[place]);
    [at, left, right] = [place + 1, mineAt + 1, theirsAt + 1];
  }
  return result.join("");
}

// The lines of the base that stand in both others.
function stable(toMine, toTheirs) {
  const places = (runs) => new Map(runs.flatMap(({ a, b, length }) => Array.from({ length }, (_, step) => [a + step, b + step])));
  const [mine, theirs] = [places(toMine), places(toTheirs)];
  return [...mine].filter(([o]) => theirs.has(o)).map(([o, a]) => ({ o, a, b: theirs.get(o) }));
}

function settled(base, mine, theirs) {
  const [o, a, b] = [base, mine, theirs].map((lines) => lines.join(""));
  if (a === b || b === o) return mine;
  return a === o ? theirs : null;
}
