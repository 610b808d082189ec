/** Files that were opened: traces, divergences, recordings and reports, as films of frames. */

/**
 * What a file holds: an array of films. A film has `title`, `steps` (JSON), `words`, and for the
 * reference and the target the `frames` that are known: does, calls, seen after each step. `differs`
 * is the number of the first step that differs, or null; `expected` and `got` say what is known of
 * it. Throws an Error that says what is wrong with the file.
 */
function filmsIn(text, lessons) {
  let data;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new Error(`is damaged or truncated: ${error.message}`);
  }
  if (data === null || typeof data !== "object") throw new Error("is neither a trace nor a report");
  const films = Array.isArray(data.clauses) && data.implementation ? reported(data) : [single(data)];
  if (!films.length) throw new Error("is a report in which nothing failed: there is no trace to show");
  return films.map((film) => walked(film, lessons));
}

function reported(report) {
  const target = `${report.implementation.name} ${report.implementation.version}`;
  const divergences = report.divergences.map((found) => ({
    ...bare(found.trace, found.signature, found.steps),
    target,
    named: report.implementation.target,
    differs: found.step,
    expected: found.expected,
    got: found.actual,
  }));
  const checks = report.clauses.flatMap((clause) =>
    clause.checks
      .filter((check) => check.trace?.operations.length)
      .map((check) => ({
        ...bare(check.trace, `${clause.id} ${check.name}`, check.words),
        target,
        named: report.implementation.target,
        clause: clause.id,
        sentence: clause.sentence,
        differs: check.trace.operations.length - 1,
        expected: check.expected,
        got: check.got ?? check.what,
        looked: check.what,
      }))
  );
  return [...divergences, ...checks];
}

function single(data) {
  if (typeof data.signature === "string" && data.trace) {
    const film = bare(data.trace, data.signature);
    const named = data.target ?? "";
    return { ...film, target: named || "target", named, differs: data.step, expected: data.expected, got: data.actual };
  }
  const film = bare(data, data.about || "A trace");
  if (data.expected) film.reference = frames(data.expected);
  if (data.actual) {
    film.frames = frames(data.actual);
    film.target = data.target;
    film.differs = firstDifference(film.reference, film.frames);
  }
  return film;
}

function bare(trace, title, words) {
  if (!trace || !Array.isArray(trace.operations) || !trace.operations.every((made) => typeof made?.op === "string")) {
    throw new Error("is neither a trace, a divergence, a recording nor a report");
  }
  return {
    title,
    world: trace.world ?? {},
    steps: trace.operations,
    words: words ?? trace.operations.map(stepWords),
    reference: [],
    frames: [],
    target: null,
    differs: null,
  };
}

/** The frames of a recording, which holds only what changed since the step before. */
function frames(lines) {
  let seen = {};
  return lines.map(({ does, calls = [], changes = {} }) => {
    seen = { ...seen };
    for (const [key, text] of Object.entries(changes)) {
      if (text === null) delete seen[key];
      else seen[key] = text;
    }
    return { does, calls, seen };
  });
}

function firstDifference(one, other) {
  const found = one.findIndex((frame, at) => !other[at] || differingKeys(frame, other[at]).length);
  return found < 0 ? null : found;
}

/** What differs between two frames: "does", "calls", and the keys of what is seen. */
function differingKeys(one, other) {
  const same = (key) => JSON.stringify(one[key]) === JSON.stringify(other[key]);
  const keys = new Set([...Object.keys(one.seen), ...Object.keys(other.seen)]);
  return [
    ...["does", "calls"].filter((key) => !same(key)),
    ...[...keys].filter((key) => one.seen[key] !== other.seen[key]),
  ];
}

/** The film with the frames that the page itself knows, as far as a lesson has these steps. */
function walked(film, lessons) {
  if (film.reference.length) return film;
  const settings = (world) => JSON.stringify(Object.entries({ ...DATA.defaults, ...world }).sort());
  for (const lesson of lessons) {
    if (settings(lesson.data.world) !== settings(film.world)) continue;
    const found = walkIn(lesson, film);
    if (found.length > film.reference.length) {
      film.reference = found;
      film.frames = shownBy(lesson, film, found);
    }
  }
  return film;
}

function walkIn(lesson, film) {
  const start = lesson.data.start.map((step) => stepKey(step.made));
  const keys = film.steps.map(stepKey);
  if (start.some((key, at) => keys[at] !== key)) return [];
  const numbers = new Map(lesson.steps.map((step, number) => [stepKey(step.made), number]));
  const found = start.map(() => null);
  let node = 0;
  for (const key of keys.slice(start.length)) {
    const edge = lesson.edges[node].get(numbers.get(key));
    if (!edge) break;
    node = edge.target;
    found.push({ does: edge.does, calls: edge.calls, seen: lesson.seen(node), edge });
  }
  return found;
}

/** What the target of the film does, where the page compares with the same one. */
function shownBy(lesson, film, found) {
  const other = lesson.others.get(film.named);
  if (!other) return [];
  const shown = [];
  for (const frame of found) {
    const what = frame && other.at(frame.edge);
    shown.push(what ? { does: what.does, calls: what.calls, seen: changed(frame.seen, what.seen) } : frame);
    if (what) break;
  }
  return shown;
}

/** What is seen, except that some of it is different; `null` and empty texts are not seen at all. */
function changed(seen, differing) {
  const found = { ...seen };
  for (const [key, text] of differing) {
    if (text) found[key] = text;
    else delete found[key];
  }
  return found;
}

/** The view of films: one is chosen, and stepped through. */
class Projector {
  constructor(place, films, name, close) {
    this.place = place;
    this.films = films;
    this.name = name;
    this.close = close;
    this.choose(0);
  }

  choose(number) {
    this.film = this.films[number];
    this.number = number;
    this.go(this.film.differs ?? this.film.steps.length - 1);
  }

  go(step) {
    this.step = Math.max(0, Math.min(step, this.film.steps.length - 1));
    this.draw();
  }

  draw() {
    const { film, step } = this;
    const stepper = element(
      "div",
      { class: "row" },
      element("button", { type: "button", id: "frame-back", click: () => this.go(step - 1) }, "Step back"),
      element("button", { type: "button", id: "frame-on", click: () => this.go(step + 1) }, "Step on"),
      film.differs === null
        ? element("span", { class: "soft" }, "Nothing is known to differ.")
        : element("button", { type: "button", click: () => this.go(film.differs) }, "First difference"),
      element("button", { type: "button", id: "close-opened", click: this.close }, "Close")
    );
    this.place.replaceChildren(
      element("h2", { id: "opened-title" }, this.name),
      this.#choice(),
      element("p", {}, element("code", {}, film.title)),
      ...(film.sentence ? [element("p", {}, film.sentence)] : []),
      stepper,
      this.#steps(),
      ...this.#sides()
    );
  }

  #choice() {
    if (this.films.length < 2) return "";
    const choice = element(
      "select",
      { id: "film", change: (event) => this.choose(Number(event.target.value)) },
      ...this.films.map((film, number) =>
        element("option", { value: number, selected: number === this.number }, film.title)
      )
    );
    return element("p", {}, element("label", {}, `One of ${this.films.length} `, choice));
  }

  #steps() {
    const { film } = this;
    return element(
      "ol",
      { class: "steps" },
      ...film.words.map((words, at) =>
        element(
          "li",
          { class: at === film.differs ? "differs" : null },
          element(
            "button",
            { type: "button", class: "quiet", "aria-current": at === this.step ? "step" : null, click: () => this.go(at) },
            words
          ),
          at === film.differs ? element("strong", {}, " the first difference") : null
        )
      )
    );
  }

  #sides() {
    const { film, step } = this;
    const [one, other] = [film.reference[step], film.frames[step]];
    const keys = one && other ? new Set(differingKeys(one, other)) : new Set();
    const sides = [side("Reference", one, keys), side(film.target ?? "Target", other, keys)];
    const shown = [element("div", { class: "sides" }, ...sides)];
    if (step === film.differs && (film.expected !== undefined || film.got !== undefined)) {
      const entries = [["looked at", film.looked ?? "what differs"], ["expected", film.expected ?? ""], ["got", film.got ?? ""]];
      shown.unshift(termList(entries.map(([term, text]) => [term, text, term]), (key) => key === "got"));
    }
    if (!one || (!other && film.target === null)) shown.push(needed(film));
    return shown;
  }
}

function side(title, frame, keys) {
  return element(
    "div",
    { class: "side", "data-side": title },
    element("h3", {}, title),
    frame
      ? element(
          "div",
          {},
          element("div", { class: keys.has("does") || keys.has("calls") ? "differs" : null }, outcomeView(frame.does, frame.calls)),
          seenView(frame.seen, {}, (key) => keys.has(key))
        )
      : element("p", { class: "soft" }, "Not known here.")
  );
}

function needed(film) {
  return element(
    "p",
    { class: "note" },
    film.reference.length
      ? "What a target does is not in this file. "
      : "What an implementation does at each step is not in this file, and the worlds of this page do not have these steps. ",
    "Record both sides with ",
    element("code", {}, "persistent-conformance replay FILE --target TARGET --record FOLDER"),
    " and open what that writes."
  );
}
