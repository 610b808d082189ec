/** The page: a walk through a lesson, and what is shown of it. */

const LESSONS = DATA.lessons.map((lesson) => new Lesson(lesson, DATA.others));
const $ = (id) => document.getElementById(id);
/** What everybody uses comes first. */
const GROUPS = ["lifecycle", "attributes", "eviction", "cache", "pickling"];

class Page {
  constructor() {
    this.quiz = new Quiz($("question"), (edge) => this.press(edge.step));
    this.quizzing = false;
    this.begin(LESSONS[0], []);
  }

  /** Show a lesson, after these steps. */
  begin(lesson, steps) {
    this.lesson = lesson;
    this.diagrams = lesson.data.objects.map(
      (object) => new Diagram(lesson, object, (words) => this.goTo(object, words))
    );
    this.walk = [];
    for (const step of steps) {
      const edge = lesson.edges[this.node].get(step);
      if (!edge) return false;
      this.walk.push(edge);
    }
    return true;
  }

  get node() {
    return this.walk.length ? this.walk.at(-1).target : 0;
  }

  get other() {
    return this.lesson.others.get($("other").value) ?? null;
  }

  press(step) {
    this.walk.push(this.lesson.edges[this.node].get(step));
    this.update();
  }

  /** Take the shortest way to a state in which an object is like that. */
  goTo(object, words) {
    const way = this.lesson.way(this.node, (node) => this.lesson.objects(node)[object] === words);
    if (way === null) return tell(`From here no way leads to: ${words}. Start again first.`);
    for (const step of way) this.walk.push(this.lesson.edges[this.node].get(step));
    this.update();
    return tell(way.length ? "" : `${object} is there already: ${words}.`);
  }

  update() {
    this.draw();
    history.replaceState(null, "", this.link());
  }

  /** The link to this walk. */
  link() {
    const parts = { in: this.lesson.name, v: DATA.edition };
    if (this.walk.length) parts.steps = this.walk.map((edge) => edge.step).join(".");
    if ($("other").value) parts.with = $("other").value;
    return `#${new URLSearchParams(parts)}`;
  }

  /** Go where a link leads. */
  follow(fragment) {
    const parts = new URLSearchParams(fragment.replace(/^#/, ""));
    const lesson = LESSONS.find((each) => each.name === parts.get("in"));
    if (!lesson) return;
    const target = parts.get("with") ?? "";
    $("other").value = DATA.others.some((other) => other.target === target) ? target : "";
    const steps = (parts.get("steps") ?? "").split(".").filter(Boolean).map(Number);
    if (parts.get("v") === DATA.edition && this.begin(lesson, steps)) tell("");
    else {
      this.begin(lesson, []);
      tell("The link is from another edition of this page: its steps are not known here.");
    }
    this.draw();
  }

  /** The walk as a trace that `persistent-conformance replay` takes. */
  trace() {
    const taken = [...this.lesson.data.start, ...this.walk.map((edge) => this.lesson.steps[edge.step])];
    const lines = taken.map((step) => `  ${JSON.stringify(step.made)}`).join(",\n");
    return `{\n "schema": 1,\n "world": ${JSON.stringify(this.lesson.data.world)},\n "operations": [\n${lines}\n ]\n}\n`;
  }

  draw() {
    const { lesson, node } = this;
    $("lesson").value = lesson.name;
    $("back").disabled = !this.walk.length;
    $("map").replaceChildren(...this.#maps());
    $("now").replaceChildren(
      element("p", { class: "soft" }, `${lesson.data.words}; state ${node + 1} of ${lesson.edges.length}`),
      seenView(lesson.seen(node), lesson.objects(node)),
      keptView(lesson.kept(node)) ?? ""
    );
    $("quiz").setAttribute("aria-pressed", String(this.quizzing));
    document.body.classList.toggle("quizzing", this.quizzing);
    $("happened").replaceChildren(...this.#happened());
    if (this.quizzing) this.quiz.ask(lesson, node);
    else this.quiz.stop();
    $("do").replaceChildren(...this.#buttons());
    $("steps").replaceChildren(this.#steps());
  }

  #maps() {
    const other = this.other;
    const differs = (edge) => other !== null && other.at(edge) !== null;
    const legend = element(
      "p",
      { class: "soft legend" },
      "Press a state to go there. ",
      other ? element("span", { class: "different" }, `Red: ${$("other").value} does something else on the way.`) : null
    );
    const maps = this.diagrams.map((diagram) =>
      element("figure", {}, element("figcaption", {}, diagram.object), diagram.draw(this.node, differs))
    );
    return [...maps, legend];
  }

  #happened() {
    const edge = this.walk.at(-1);
    if (!edge) {
      const start = this.lesson.data.start.map((step) => step.words);
      const words = start.length ? `So far: ${start.join("; ")}.` : "Nothing so far.";
      return [element("p", {}, `${words} Press an operation.`)];
    }
    return [
      element("p", {}, "You ", element("code", { id: "done" }, this.lesson.steps[edge.step].words), "."),
      outcomeView(edge.does, edge.calls),
      ...this.#elsewhere(edge),
      clausesView(edge.cites),
    ];
  }

  #elsewhere(edge) {
    const other = this.other;
    if (!other) return [];
    const name = $("other").value;
    if (other.apart.has(edge.source)) {
      return [element("p", { class: "note" }, `On ${name} these steps do not lead here, so that nothing can be compared.`)];
    }
    const what = other.at(edge);
    if (!what) return [element("p", { id: "elsewhere", class: "note" }, `${name} does the same.`)];
    const seen = this.lesson.seen(edge.target);
    return [
      element(
        "div",
        { id: "elsewhere", class: "note different" },
        element("h3", {}, `On ${name}`),
        outcomeView(what.does, what.calls),
        what.seen.size
          ? element(
              "table",
              {},
              element("thead", {}, element("tr", {}, ...["afterwards", "reference", name].map((text) => element("th", { scope: "col" }, text)))),
              element(
                "tbody",
                {},
                ...[...what.seen].map(([key, text]) =>
                  element("tr", {}, ...[key, seen[key] ?? "", text].map((each) => element("td", {}, element("code", {}, each))))
                )
              )
            )
          : null
      ),
    ];
  }

  #buttons() {
    const edges = [...this.lesson.edges[this.node].values()];
    const [pressed, others] = [true, false].map((wanted) =>
      edges.filter((edge) => this.lesson.steps[edge.step].pressed === wanted)
    );
    const more = element(
      "details",
      { id: "more", open: this.more, toggle: (event) => (this.more = event.target.open) },
      element("summary", {}, `${others.length} more operations`),
      ...this.#grouped(others)
    );
    const beyond = this.lesson.data.beyond[this.node];
    return [
      ...this.#grouped(pressed),
      others.length ? more : "",
      beyond ? element("p", { class: "soft" }, `${beyond} more lead off the map, further than the explorer looks.`) : "",
    ];
  }

  #grouped(edges) {
    const group = (edge) => this.lesson.steps[edge.step].group;
    const rest = [...new Set(edges.map(group))].filter((each) => !GROUPS.includes(each));
    return [...GROUPS, ...rest]
      .map((name) => [name, edges.filter((edge) => group(edge) === name)])
      .filter(([, found]) => found.length)
      .map(([name, found]) =>
        element("div", { class: "group" }, element("h3", {}, name), element("div", { class: "row" }, ...found.map((edge) => this.#button(edge))))
      );
  }

  #button(edge) {
    const { words } = this.lesson.steps[edge.step];
    const differs = this.other?.at(edge);
    return element(
      "button",
      { type: "button", class: differs ? "operation different" : "operation", "data-step": edge.step, click: () => this.press(edge.step) },
      words,
      differs ? element("span", { class: "unseen" }, " (differs)") : null
    );
  }

  #steps() {
    if (!this.walk.length) return element("p", { class: "soft" }, "None yet.");
    return element(
      "ol",
      { class: "steps" },
      ...this.walk.map((edge, at) =>
        element(
          "li",
          { class: this.other?.at(edge) ? "differs" : null },
          element(
            "button",
            {
              type: "button",
              class: "quiet",
              "aria-current": at === this.walk.length - 1 ? "step" : null,
              title: "Go back to just after this step",
              click: () => {
                this.walk.length = at + 1;
                this.update();
              },
            },
            this.lesson.steps[edge.step].words
          ),
          element("small", {}, ` ${edge.does}`)
        )
      )
    );
  }
}

function tell(text) {
  $("note").textContent = text;
  $("note").hidden = !text;
}

async function open(file) {
  try {
    const films = filmsIn(await file.text(), LESSONS);
    $("opened").hidden = false;
    project($("opened"), file.name, films, () => {
      $("opened").hidden = true;
    });
    tell("");
  } catch (error) {
    tell(`${file.name} ${error.message}.`);
  }
}

$("lesson").append(
  ...LESSONS.map((lesson) => element("option", { value: lesson.name }, `${lesson.name}: ${lesson.data.words}`))
);
$("other").append(
  ...DATA.others.map((other) => element("option", { value: other.target }, `${other.name} ${other.version}`))
);
$("others").hidden = !DATA.others.length;

const page = new Page();
$("lesson").addEventListener("change", (event) => {
  page.begin(LESSONS.find((lesson) => lesson.name === event.target.value), []);
  page.update();
});
$("other").addEventListener("change", () => page.update());
$("back").addEventListener("click", () => {
  page.walk.pop();
  page.update();
});
$("again").addEventListener("click", () => {
  page.walk.length = 0;
  page.update();
});
$("share").addEventListener("click", async () => {
  const link = location.href.replace(/#.*$/, "") + page.link();
  tell((await copy(link)) ? "The link to these steps was copied." : `The link to these steps: ${link}`);
});
$("trace").addEventListener("click", async () => {
  tell((await copy(page.trace())) ? "The trace was copied; replay takes it from a file." : page.trace());
});
$("quiz").addEventListener("click", () => {
  page.quizzing = !page.quizzing;
  page.draw();
});
$("file").addEventListener("change", async (event) => {
  if (event.target.files.length) await open(event.target.files[0]);
  // So that the same file can be opened again after it has changed.
  event.target.value = "";
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) open(event.dataTransfer.files[0]);
});
window.addEventListener("hashchange", () => page.follow(location.hash));
page.follow(location.hash);
page.draw();
