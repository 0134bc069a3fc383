// Sentences in which backquotes stand around what is code, as texts and code elements.
export function ticked(text) {
  return text.split("`").map((piece, at) => {
    if (at % 2 === 0) return piece;
    const code = document.createElement("code");
    code.textContent = piece;
    return code;
  });
}
