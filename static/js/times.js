// <time> elements: the reader's own time zone in the text or the tooltip, UTC always at hand.
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function utc(date) {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function localise(root) {
  const found = root.querySelectorAll ? root.querySelectorAll("time[data-when]") : [];
  for (const element of found) {
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const local = absolute.format(date);
    if (element.dataset.when !== "ago") element.textContent = local;
    element.title = `${local} ${zone} · ${utc(date)}`;
  }
}
