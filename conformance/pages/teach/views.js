/** What things look like: states, outcomes, clauses. */

const ATTRIBUTES = ["state", "changed", "status", "sticky", "jar", "oid", "serial", "size", "dict"];
const COUNTS = {
  length: "objects and ghosts",
  ringlen: "in the ring",
  non_ghost_count: "non-ghosts",
  class_count: "classes",
  estimated_size: "estimated size",
};

/** A list of terms and what they are. */
function termList(entries) {
  return element(
    "dl",
    { class: "terms" },
    ...entries.flatMap(([term, text]) => [
      element("dt", {}, term),
      element("dd", {}, element("code", {}, text)),
    ])
  );
}

/** An object as it can be seen. */
function objectView(name, seen, words) {
  const fields = Object.keys(seen)
    .filter((key) => key.startsWith(`${name}.`) && !key.includes("._cache."))
    .map((key) => key.slice(name.length + 1));
  const known = ATTRIBUTES.filter((field) => fields.includes(field));
  const ordered = [...known, ...fields.filter((field) => !known.includes(field))];
  return element(
    "div",
    { class: "object", "data-object": name },
    element("h3", {}, name, " ", badge(words)),
    termList(ordered.map((field) => [field, seen[`${name}.${field}`]]))
  );
}

/** The state of an object as a badge. */
function badge(words) {
  const status = words.split(" ").find((word) => STATUSES.includes(word)) ?? "other";
  return element("span", { class: `badge ${status}` }, words);
}

/** A cache as it can be seen: its ring, and its counts. */
function cacheView(jar, seen) {
  const ring = ringNames(seen[`${jar}._cache.ring`]);
  const chips = (ring ?? []).map((name) => element("li", {}, name));
  const counts = Object.keys(COUNTS).filter((count) => `${jar}._cache.${count}` in seen);
  return element(
    "div",
    { class: "cache", "data-cache": jar },
    element("h3", {}, `Cache of ${jar}`),
    element("p", { class: "soft" }, "The ring, the least recently used first:"),
    ring && ring.length
      ? element("ol", { class: "ring" }, ...chips)
      : element("p", { class: "ring" }, ring ? "empty" : "cannot be seen"),
    termList(counts.map((count) => [COUNTS[count], seen[`${jar}._cache.${count}`]]))
  );
}

/** Everything that can be seen; `words` say what each object is like. */
function seenView(seen, words) {
  const names = new Set();
  const jars = new Set();
  for (const key of Object.keys(seen)) {
    if (key.includes("._cache.")) jars.add(key.split(".")[0]);
    else if (key.includes(".")) names.add(key.split(".")[0]);
  }
  const made = element(
    "div",
    { class: "state" },
    ...[...names].map((name) => objectView(name, seen, words[name])),
    ...[...jars].map((jar) => cacheView(jar, seen))
  );
  if (!names.size) made.prepend(element("p", { class: "soft" }, "There is no object yet."));
  return made;
}

/** What the data managers hold. */
function keptView(kept) {
  const entries = Object.entries(kept);
  if (!entries.length) return null;
  return element(
    "div",
    { class: "kept" },
    element("h3", {}, "Data managers"),
    termList(entries)
  );
}

/** What a step did: its value or error, its calls. */
function outcomeView(does, calls) {
  const shown = callsShown(calls);
  return element(
    "div",
    { class: "outcome" },
    element("p", {}, "It ", element("code", { class: does.startsWith("raises") ? "fail" : null }, does), "."),
    shown.length
      ? element("ol", { class: "calls" }, ...shown.map((call) => element("li", {}, element("code", {}, call))))
      : element("p", { class: "soft calls" }, "It calls nothing.")
  );
}

/** The clauses that speak of a step. */
function clausesView(cites) {
  if (!cites.length) return element("p", { class: "soft" }, "No clause speaks of this.");
  const here = cites[0][2];
  return element(
    "div",
    { class: "clauses" },
    element("h3", {}, here ? "Because" : "Clauses about this operation"),
    ...cites.map(([id, demands]) => clauseView(id, demands))
  );
}

function clauseView(id, demands) {
  const clause = DATA.clauses[id];
  return element(
    "blockquote",
    { "data-clause": id },
    element("p", {}, element("strong", {}, id), ` ${clause.level}`, demands.length ? element("small", {}, ` on ${demands.join(", ")}`) : null),
    element("p", {}, clause.sentence),
    clause.decision ? element("p", {}, `Decision: ${clause.decision}`) : null,
    element("footer", { class: "soft" }, `Source: ${clause.source}`)
  );
}
