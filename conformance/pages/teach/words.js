/** Values of the trace language, and steps, in the words of the project. */

const REFERENCES = ["object", "jar", "cache", "class"];

/** A value as it stands in a trace (JSON), written as Python writes it. */
function valueWords(value) {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return `'${value}'`;
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(valueWords).join(", ")}]`;
  const [key, inner] = Object.entries(value)[0] ?? [];
  if (REFERENCES.some((kind) => key === `$${kind}`)) return `<${key.slice(1)} ${inner}>`;
  if (key === "$bytes") return `b'${String(inner).replace(/../g, "\\x$&")}'`;
  if (key === "$tuple") return `(${inner.map(valueWords).join(", ")})`;
  if (key === "$opaque") return `<${inner}>`;
  if (key?.startsWith("$")) return Array.isArray(inner) ? inner.map(valueWords).join(", ") : String(inner);
  return `{${Object.entries(value).map(([name, item]) => `'${name}': ${valueWords(item)}`).join(", ")}}`;
}

/** A step of a trace in words. */
function stepWords(made) {
  const declared = DATA.operations[made.op];
  if (!declared) return JSON.stringify(made);
  const given = { ...declared.defaults, ...made };
  return declared.words.replace(/\{(\w+)(?::\w+)?\}/g, (_, name) => {
    const value = given[name];
    return typeof value === "string" ? value : valueWords(value);
  });
}

/** A step without what it need not say, in a form that is the same for the same step. */
function stepKey(made) {
  const defaults = DATA.operations[made.op]?.defaults ?? {};
  const told = Object.entries(made).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults[name])
  );
  return JSON.stringify(told.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The names in a ring, the least recently used first, or null if nobody could look. */
function ringNames(text) {
  if (!text || text === "None") return null;
  return [...text.matchAll(/b'((?:[^'\\]|\\.)*)'/g)].map(([, oid]) => oid.replaceAll("\\x00", "") || "root");
}

/** The same calls, without the state in which they find an object. */
function callsPlain(calls) {
  return callsShown(calls).map((call) => call.replace(/ in state -?\d+$/, ""));
}

/** The calls that a learner has to know of. */
function callsShown(calls) {
  return calls.filter((call) => !call.startsWith("setstate done"));
}
