/** What things look like: states, outcomes, clauses. */

const ATTRIBUTES = ["state", "changed", "status", "sticky", "jar", "oid", "serial", "size", "dict"];
const COUNTS = {
  length: "objects and ghosts",
  ringlen: "in the ring",
  non_ghost_count: "non-ghosts",
  class_count: "classes",
  estimated_size: "estimated size",
};

/** What a clause can demand something of. */
const FACETS = { gives: "the result", state: "the state", calls: "the calls", data: "the data", ring: "the ring" };

/** A list of terms and what they are: [term, text, and what it was before, if that is known]. */
function termList(entries) {
  return element(
    "dl",
    { class: "terms" },
    ...entries.flatMap(([name, text, before]) => {
      const isNew = before !== undefined && before !== text;
      return [
        element("dt", {}, name in DATA.glossary ? term(name) : name),
        element(
          "dd",
          { class: isNew ? "new" : null },
          element("code", {}, text),
          isNew ? element("small", {}, ` (before: ${before || "nothing"})`) : null
        ),
      ];
    })
  );
}

/** An object as it can be seen, and before, if that is given. */
function objectView(name, seen, words, before) {
  const fields = Object.keys(seen)
    .filter((key) => key.startsWith(`${name}.`) && !key.includes("._cache."))
    .map((key) => key.slice(name.length + 1));
  const known = ATTRIBUTES.filter((field) => fields.includes(field));
  const ordered = [...known, ...fields.filter((field) => !known.includes(field))];
  return element(
    "div",
    { class: "object", "data-object": name },
    element("h3", {}, name, " ", badge(words)),
    termList(ordered.map((field) => [field, seen[`${name}.${field}`], before?.[`${name}.${field}`]]))
  );
}

/** An object as a learner has to see it: what it holds, what is stored, who knows of its change. */
function simpleView(name, now, before) {
  const told = ({ seen, kept, words }) => {
    const there = words[name] !== undefined && words[name] !== "absent";
    const registered = (kept["jar.registered"] ?? "").split(" ").includes(name);
    return {
      holds: there ? held(seen[`${name}.dict`]) : "nothing",
      "is stored": held(kept[`jar.stored ${name}`]),
      "has registered": registered ? "yes" : "no",
      "in the cache": there && words[name].split(" ").includes("cached") ? "yes" : "no",
    };
  };
  const [is, was] = [told(now), before ? told(before) : {}];
  return element(
    "div",
    { class: "object", "data-object": name },
    element("h3", {}, name, " ", badge(now.words[name] === "absent" ? "absent" : statusIn(now.words[name]))),
    termList(Object.entries(is).map(([key, text]) => [key, text, was[key]]))
  );
}

/** A plan as a learner has to see it. */
function planWords([key, text]) {
  const named = { setstate: "the next load", register: "the next registration" };
  const [, call, name] = key.match(/^inside (.*) for (.*)$/) ?? [];
  const [, error] = text.match(/^then (\w+)$/) ?? [];
  return named[call] && error ? [`${named[call]} of ${name}`, `raises ${error}`] : [key, text];
}

function held(text) {
  return !text || text === "{}" ? "nothing" : text.replace(/^{|}$/g, "").replace(/'(\w+)': /g, "$1 = ");
}

/** What a learner has to see of a state; `before` is one to compare with. Both hold seen, kept, words. */
function sceneView(now, before) {
  const rings = Object.keys(now.seen).filter((key) => key.endsWith("._cache.ring"));
  const plans = Object.entries(now.kept).filter(([key]) => key.startsWith("inside "));
  const ring = (state, key) => ringNames(state.seen[key])?.join(", ") || "nothing";
  return element(
    "div",
    { class: "state" },
    ...Object.keys(now.words).map((name) => simpleView(name, now, before)),
    ...rings.map((key) =>
      element(
        "div",
        { class: "cache" },
        element("h3", {}, "The cache"),
        termList([["ring", ring(now, key), before && ring(before, key)]])
      )
    ),
    plans.length ? element("div", {}, element("h3", {}, "Prepared"), termList(plans.map(planWords))) : null
  );
}

/** The state of an object as a badge. */
function badge(words) {
  const status = words.split(" ").find((word) => STATUSES.includes(word)) ?? "other";
  return element("span", { class: `badge ${status}` }, words);
}

/** A cache as it can be seen: its ring, and its counts. */
function cacheView(jar, seen, before) {
  const ring = ringNames(seen[`${jar}._cache.ring`]);
  const chips = (ring ?? []).map((name) => element("li", {}, name));
  const counts = Object.keys(COUNTS).filter((count) => `${jar}._cache.${count}` in seen);
  const was = before && ringNames(before[`${jar}._cache.ring`]);
  const isNew = was && ring && was.join() !== ring.join();
  return element(
    "div",
    { class: "cache", "data-cache": jar },
    element("h3", {}, `Cache of ${jar}`),
    element("p", { class: "soft" }, "The ring, the least recently used first:"),
    ring && ring.length
      ? element("ol", { class: "ring" }, ...chips)
      : element("p", { class: "ring" }, ring ? "empty" : "cannot be seen"),
    isNew ? element("p", { class: "new" }, element("small", {}, `before: ${was.join(", ") || "empty"}`)) : null,
    termList(counts.map((count) => [COUNTS[count], ...[seen, before].map((each) => each?.[`${jar}._cache.${count}`])]))
  );
}

/** Everything that can be seen, and before; `words` say what each object is like. */
function seenView(seen, words, before) {
  const names = new Set();
  const jars = new Set();
  for (const key of Object.keys(seen)) {
    if (key.includes("._cache.")) jars.add(key.split(".")[0]);
    else if (key.includes(".")) names.add(key.split(".")[0]);
  }
  const made = element(
    "div",
    { class: "state" },
    ...[...names].map((name) => objectView(name, seen, words[name], before)),
    ...[...jars].map((jar) => cacheView(jar, seen, before))
  );
  if (!names.size) made.prepend(element("p", { class: "soft" }, "There is no object yet."));
  return made;
}

/** What the data managers hold, and held before. */
function keptView(kept, before) {
  const entries = Object.entries(kept).map(([key, text]) => [key, text, before && (before[key] ?? "")]);
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

/** The clauses that speak of a step: the one that decides, then the others on request. */
function clausesView(cites, scene = false) {
  if (scene && !cites.length) {
    return element("p", { class: "soft" }, "The protocol has no word on this: it only sets the scene.");
  }
  if (!cites.length) return element("p", { class: "soft" }, "No clause speaks of this.");
  const here = cites[0][2];
  const [first, ...others] = cites.map(([id, demands]) => clauseView(id, demands));
  return element(
    "div",
    { class: "clauses" },
    element("h3", {}, here ? "Because" : "Clauses about this operation"),
    first,
    others.length
      ? element("details", {}, element("summary", {}, `${others.length} more ${others.length > 1 ? "clauses say" : "clause says"} something of it`), ...others)
      : null
  );
}

function clauseView(id, demands) {
  const clause = DATA.clauses[id];
  const source = ([words, link]) => (link ? element("a", { href: link, rel: "noreferrer" }, words) : words);
  return element(
    "blockquote",
    { "data-clause": id },
    element("p", {}, ...prose(clause.sentence)),
    clause.decision ? element("p", {}, `Decision: ${clause.decision}`) : null,
    element(
      "footer",
      { class: "soft" },
      element("strong", {}, id),
      ` ${clause.level}`,
      demands.length ? `, on ${demands.map((facet) => FACETS[facet]).join(", ")}` : "",
      ". Source: ",
      ...clause.sources.flatMap((each, at) => (at ? ["; ", source(each)] : [source(each)]))
    )
  );
}
