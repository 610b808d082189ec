/** Files that were opened: traces, divergences, recordings, reports and comparisons, as films. */

/**
 * What a file holds: an array of films. A film has `title`, `words` (a line for each step) and
 * `players`, which are recordings with a label; `start` is the number of the step to show first,
 * `about` and `note` are lines to show with it, `cause` is what it comes of, in words. Throws an
 * Error that says what is wrong with it.
 */
function filmsIn(text, lessons) {
  let data;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new Error(`is damaged or truncated: ${error.message}`);
  }
  if (data === null || typeof data !== "object") throw new Error("is neither a trace nor a report");
  try {
    const films = read(data, lessons);
    if (films.length) return films;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Error(`is damaged: something in it is missing or of another type (${error.message})`);
  }
  throw new Error("is a report in which nothing failed: there is no trace to show");
}

function read(data, lessons) {
  if (data.implementations && data.traces) return compared(data);
  if (data.implementation && data.clauses) return reported(data, lessons);
  if (typeof data.signature === "string" && data.trace) return [diverging(data, lessons)];
  if (Array.isArray(data.operations)) return [alone(data, lessons)];
  throw new Error("is neither a trace, a divergence, a recording, a report nor a comparison");
}

/** A comparison holds what each implementation does at each step. */
function compared(comparison) {
  const labels = comparison.implementations.map((each) => each.label);
  const player = (label, number) => ({ label, ...comparison.recordings[number] });
  return Object.entries(comparison.traces).map(([name, trace]) => ({
    title: name,
    words: trace.words,
    start: trace.differs,
    players: [
      player("reference", trace.reference),
      ...trace.recordings.map((number, at) => (number === null ? null : player(labels[at], number))).filter(Boolean),
    ],
  }));
}

/** A report holds the traces of what failed, and of the last step what was expected and got. */
function reported(report, lessons) {
  const { target, name, version } = report.implementation;
  const label = `${name} ${version}`;
  const reasons = new Map((report.causes ?? []).map((cause) => [cause.name, cause.reason]));
  const divergences = report.divergences.map((found) =>
    known(lessons, found.trace, target, label, {
      title: inWords(found.steps[found.step], found.signature.split(" | ").at(-1), found.actual),
      about: found.signature,
      cause: reasons.get(found.cause),
      words: found.steps,
      start: found.step,
      looked: found.signature.split(" | ").at(-1),
      expected: found.expected,
      got: found.actual,
    })
  );
  const checks = report.clauses.flatMap((clause) =>
    clause.checks
      .filter((check) => check.trace?.operations.length)
      .map((check) =>
        known(lessons, check.trace, target, label, {
          title: `${clause.id}: ${inWords(check.words.at(-1), "it", check.got ?? check.verdict)}`,
          about: `${clause.sentence} (${check.name})`,
          cause: reasons.get(clause.cause),
          words: check.words,
          start: check.trace.operations.length - 1,
          looked: check.what,
          expected: check.expected ?? "",
          got: check.got ?? check.verdict,
        })
      )
  );
  return [...byCause([...divergences, ...checks]).values()].flat();
}

/** A finding in words: its last step, and what came there. */
function inWords(step, what, got) {
  const short = (text) => (text.length > 90 ? `${text.slice(0, 90)} …` : text);
  return `${short(step)}: ${what} ${short(got.trim().split("\n").at(-1))}`;
}

/** Films by cause, in the order in which causes are met; those without one are the last. */
function byCause(films) {
  const groups = new Map();
  for (const film of films) groups.set(film.cause, [...(groups.get(film.cause) ?? []), film]);
  const without = groups.get(undefined);
  groups.delete(undefined);
  return without ? groups.set(undefined, without) : groups;
}

function diverging(found, lessons) {
  const target = found.target ?? "";
  return known(lessons, found.trace, target, target || "target", {
    title: found.signature,
    words: found.trace.operations.map(stepWords),
    start: found.step,
    looked: found.signature.split(" | ").at(-1),
    expected: found.expected,
    got: found.actual,
  });
}

/** A trace, or a recording: that holds what the reference does, and maybe what a target does. */
function alone(trace, lessons) {
  const film = { title: trace.about || "A trace", words: trace.operations.map(stepWords), start: null };
  if (!trace.expected) return known(lessons, trace, "", "", film);
  film.players = [{ label: "reference", steps: trace.expected }];
  if (trace.actual) film.players.push({ label: trace.target, ...trace.actual });
  return trace.actual ? film : { ...film, note: NEEDED };
}

const NEEDED =
  "What a target does at each step is not in this file. Record both sides, and open what that writes: " +
  "persistent-conformance replay FILE --target TARGET --record FOLDER";

/** A film with what the page itself knows of the steps, and what the file says of the one at `start`. */
function known(lessons, trace, target, label, film) {
  const walks = lessons.map((lesson) => walkIn(lesson, trace));
  const here = walks.reduce((one, other) => (other.edges.length > one.edges.length ? other : one));
  const count = trace.operations.length;
  const reference = recording(here, count);
  const players = here.edges.length ? [{ label: "reference", steps: reference }] : [];
  const other = here.lesson.others.get(target);
  if (other && here.edges.length) players.push({ label, steps: recording(here, count, other) });
  if (film.got !== undefined) mark(players, reference, label, film);
  const complete = ({ steps }) => Object.values(steps).filter((step) => step.does).length === count;
  return { ...film, players, note: players.length > 1 && players.every(complete) ? undefined : NEEDED };
}

/** Say at the step where the film starts what was expected there, and what was got. */
function mark(players, reference, label, film) {
  if (!players.length) players.push({ label: "reference", steps: reference });
  if (players.length < 2) players.push({ label, steps: new Array(reference.length) });
  const texts = [film.expected, film.got];
  players.forEach((player, at) => {
    const step = player.steps[film.start];
    player.steps[film.start] = { ...step, changes: { ...step?.changes, [film.looked]: texts[at] } };
  });
}

/** How far a lesson goes with a trace: its edges, the first steps being those of the lesson's start. */
function walkIn(lesson, trace) {
  const settings = (world) => JSON.stringify(Object.entries({ ...DATA.defaults, ...world }).sort());
  const start = lesson.data.start.map((step) => stepKey(step.made));
  const keys = trace.operations.map(stepKey);
  const edges = [];
  if (settings(lesson.data.world) !== settings(trace.world) || start.some((key, at) => keys[at] !== key)) {
    return { lesson, edges, first: start.length };
  }
  const numbers = new Map(lesson.steps.map((step, number) => [stepKey(step.made), number]));
  for (const key of keys.slice(start.length)) {
    const edge = lesson.edges[edges.at(-1)?.target ?? 0].get(numbers.get(key));
    if (!edge) break;
    edges.push(edge);
  }
  return { lesson, edges, first: start.length };
}

/** The edges as a recording, with holes where nothing is known; with `other`, up to where it differs. */
function recording({ lesson, edges, first }, count, other = null) {
  const steps = new Array(count);
  let before = {};
  for (const [at, edge] of edges.entries()) {
    const what = other?.at(edge);
    const after = what ? changed(lesson.seen(edge.target), what.seen) : lesson.seen(edge.target);
    const { does, calls } = what ?? edge;
    steps[first + at] = { does, calls, changes: { ...after } };
    for (const key of Object.keys(before)) if (!(key in after)) steps[first + at].changes[key] = null;
    before = after;
    if (what) break;
  }
  return steps;
}

/** What is seen, except that some of it is different; what is empty is not seen at all. */
function changed(seen, differing) {
  const found = { ...seen };
  for (const [key, text] of differing) {
    if (text) found[key] = text;
    else delete found[key];
  }
  return found;
}

/** The films to choose from, under their causes if any is known. */
function options(films) {
  const groups = byCause(films);
  const option = (film) => element("option", { value: films.indexOf(film) }, film.title);
  return [...groups].flatMap(([cause, some]) =>
    groups.size > 1 || cause
      ? element("optgroup", { label: `${cause ?? "No cause is known"} (${some.length})` }, ...some.map(option))
      : some.map(option)
  );
}

/** Show films in `place`: one is chosen, and stepped through. */
function project(place, name, films, close) {
  const stage = element("div", {});
  const show = (film) =>
    stage.replaceChildren(
      element("h3", {}, film.title),
      ...[film.about, film.cause].filter(Boolean).map((text) => element("p", {}, text)),
      stepper(film.words, film.players, film.start),
      ...(film.note ? [element("p", { class: "note" }, film.note)] : [])
    );
  const choice = element(
    "select",
    { id: "film", change: (event) => show(films[Number(event.target.value)]) },
    ...options(films)
  );
  place.replaceChildren(
    element(
      "div",
      { class: "row" },
      element("h2", { id: "opened-title" }, name),
      element("button", { type: "button", class: "quiet", id: "close-opened", click: close }, "Close")
    ),
    films.length > 1 ? element("p", { class: "controls" }, element("label", {}, `One of ${films.length}`, choice)) : "",
    stage
  );
  show(films[0]);
}
