// ARNs and the formats of resource types: which type an ARN is of, its parts as fields, and what they say in words.

const VARIABLE = /\$\{([^}]+)\}/g;
const templates = new WeakMap(); // catalogue → Map of service → [{type, pattern, weight}]

// The pieces of a format: {text} and {variable}, `arn:${Partition}:sagemaker:…` as it is read.
export function piecesOf(template) {
  const pieces = [];
  let at = 0;
  for (const match of template.matchAll(VARIABLE)) {
    if (match.index > at) pieces.push({ text: template.slice(at, match.index) });
    pieces.push({ variable: match[1] });
    at = match.index + match[0].length;
  }
  if (at < template.length) pieces.push({ text: template.slice(at) });
  return pieces;
}

// The format with its variables filled in, `*` for what is not given.
export function fillPieces(pieces, values) {
  return pieces.map((piece, index) => piece.text ?? (values[index]?.trim() || "*")).join("");
}

// The six parts of an ARN, or null.
export function splitArn(arn) {
  const parts = arn.split(":");
  if (parts.length < 6 || parts[0] !== "arn") return null;
  const [, partition, service, region, account] = parts;
  return { partition, service, region, account, resource: parts.slice(5).join(":") };
}

// The services whose ARNs bear the name, as the formats say: `s3` also bears S3 Tables' neighbours.
function formatsOf(catalogue, service) {
  if (!templates.has(catalogue)) templates.set(catalogue, byService(catalogue));
  return templates.get(catalogue).get(service) ?? [];
}

function byService(catalogue) {
  const found = new Map();
  for (const { prefix } of catalogue.services()) {
    for (const type of catalogue.resourceTypes(prefix)) {
      const service = splitArn(type.arn)?.service;
      if (!service) continue;
      if (!found.has(service)) found.set(service, []);
      found.get(service).push({ type, pattern: patternOf(type.arn), weight: type.arn.replace(VARIABLE, "").length - (prefix === service ? 0 : 0.5) });
    }
  }
  for (const formats of found.values()) formats.sort((a, b) => b.weight - a.weight);
  return found;
}

function patternOf(template) {
  const resource = splitArn(template).resource;
  const source = piecesOf(resource).map((piece) => (piece.text === undefined ? "(.+)" : piece.text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  return new RegExp(`^${source.join("")}$`, "s");
}

// {type, name}: the resource type that an ARN is of, and what its variables hold; null where no format fits.
export function typeOfArn(catalogue, arn) {
  const parts = splitArn(arn);
  if (!parts) return null;
  for (const { type, pattern } of formatsOf(catalogue, parts.service)) {
    const match = pattern.exec(parts.resource);
    if (match) return { type, name: match.slice(1).join("/"), parts };
  }
  return null;
}

// `training-job` → `training job`
export function typeWords(name) {
  return name.replace(/[-_]/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

// An entry of Resource in words: "any endpoint in 111122223333", "the role `training-exec`", else the text itself.
export function resourceWords(catalogue, known, arn) {
  if (arn === "*") return "any resource";
  const found = typeOfArn(catalogue, arn);
  if (!found) return arn;
  const { parts } = found;
  const type = typeWords(found.type.name);
  const where = [
    parts.region && parts.region !== "*" ? parts.region : "",
    parts.account && parts.account !== "*" ? accountWords(known, parts.account) : "",
  ].filter(Boolean).join(" of ");
  const place = where ? ` in ${where}` : "";
  if (/^[*/]+$/.test(found.name) || found.name === "") return `any ${type}${place}`;
  return `${/[*?$]/.test(found.name) ? `any ${type} named` : `the ${type}`} ${found.name}${place}`;
}

// An account with its name where it is known.
export function accountWords(known, number) {
  const account = known?.accounts?.find((one) => one.number === number);
  return account?.name && account.name !== number ? `${number} (${account.name})` : number;
}
