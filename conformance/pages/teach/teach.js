/** The page: a walk through a world, and what is shown of it - in the lesson, the sandbox, the quiz. */

const LESSONS = DATA.lessons.map((lesson) => new Lesson(lesson, DATA.others));
const $ = (id) => document.getElementById(id);
/** What everybody uses comes first. */
const GROUPS = ["lifecycle", "attributes", "eviction", "cache", "pickling"];
const NARROW_SCREEN = matchMedia("(max-width: 45rem)");
/** The places that the map of the lesson shows besides those where somebody is. */
const WELL_KNOWN = ["absent", "Plain ghost cached", "Plain saved cached", "Plain changed cached", "Plain sticky cached"];

class Page {
  constructor() {
    this.story = new Story(DATA.story);
    this.quiz = new Quiz($("question"), LESSONS, () => this.update());
    this.mode = DATA.story.length ? "lesson" : "free";
    this.begin(LESSONS[0], []);
    if (this.mode === "lesson") this.turn(0);
  }

  /** Show a world, after these steps; whether they are all possible there. */
  begin(lesson, steps) {
    if (this.lesson !== lesson) {
      this.lesson = lesson;
      this.diagrams = lesson.data.objects.map(
        (object) => new Diagram(lesson, object, (words) => this.goTo(object, words))
      );
    }
    this.walk = [];
    for (const step of steps) {
      const edge = lesson.edges[this.node].get(step);
      if (!edge) return false;
      this.walk.push(edge);
    }
    return true;
  }

  /** Turn to a chapter of the lesson. */
  turn(number) {
    this.story.turn(number);
    const { world, scene } = this.story.chapter;
    this.begin(LESSONS.find((lesson) => lesson.name === world), scene);
  }

  get node() {
    return this.walk.length ? this.walk.at(-1).target : 0;
  }

  get other() {
    return this.mode === "free" ? this.lesson.others.get($("other").value) ?? null : null;
  }

  /** The edge that somebody chose last; none if the walk has only set the scene. */
  get last() {
    const first = this.mode === "lesson" ? this.story.chapter.scene.length : 0;
    return this.walk.length > first ? this.walk.at(-1) : null;
  }

  press(step) {
    this.walk.push(this.lesson.edges[this.node].get(step));
    this.update();
  }

  /** Take the shortest way to a state in which an object is like that. */
  goTo(object, words) {
    if (this.mode !== "free") return tell("In the lesson the buttons lead on; in the sandbox a press leads here.");
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

  /** The link to what is shown: a step of the lesson, the quiz, or this walk. */
  link() {
    if (this.mode === "quiz") return "#quiz";
    if (this.mode === "lesson") return `#step=${this.story.number + 1}`;
    const parts = { in: this.lesson.name, v: DATA.edition };
    if (this.walk.length) parts.steps = this.walk.map((edge) => edge.step).join(".");
    if ($("other").value) parts.with = $("other").value;
    return `#${new URLSearchParams(parts)}`;
  }

  /** Go where a link leads. */
  follow(fragment) {
    const parts = new URLSearchParams(fragment.replace(/^#/, ""));
    if (parts.has("quiz")) this.mode = "quiz";
    if (parts.has("step") && DATA.story.length) {
      this.mode = "lesson";
      this.turn(Number(parts.get("step")) - 1 || 0);
    }
    const lesson = LESSONS.find((each) => each.name === parts.get("in"));
    if (lesson) this.#walkTo(lesson, parts);
    this.draw();
  }

  #walkTo(lesson, parts) {
    this.mode = "free";
    const target = parts.get("with") ?? "";
    $("other").value = DATA.others.some((other) => other.target === target) ? target : "";
    const steps = (parts.get("steps") ?? "").split(".").filter(Boolean).map(Number);
    const known = !steps.length || parts.get("v") === DATA.edition;
    if (known && this.begin(lesson, steps)) tell("");
    else {
      this.begin(lesson, []);
      tell("The link is from another edition of this page: its steps are not known here.");
    }
  }

  /** Go on in the lesson, in the sandbox, or with the quiz. */
  change(mode) {
    if (mode === "lesson" && this.mode !== "lesson") this.turn(this.story.number);
    else if (mode === "free" && this.mode === "lesson") this.begin(LESSONS[0], []);
    this.mode = mode;
    tell("");
    this.update();
  }

  /** The walk as a trace that `persistent-conformance replay` takes. */
  trace() {
    const taken = [...this.lesson.data.start, ...this.walk.map((edge) => this.lesson.steps[edge.step])];
    const lines = taken.map((step) => `  ${JSON.stringify(step.made)}`).join(",\n");
    return `{\n "schema": 1,\n "world": ${JSON.stringify(this.lesson.data.world)},\n "operations": [\n${lines}\n ]\n}\n`;
  }

  /** Draw everything; what had the focus has it again, if it is still there. */
  draw() {
    const focused = document.activeElement?.dataset.key;
    document.body.dataset.mode = this.mode;
    for (const button of document.querySelectorAll("[data-mode]")) {
      if (button !== document.body) button.setAttribute("aria-pressed", String(button.dataset.mode === this.mode));
    }
    for (const part of document.querySelectorAll(".in-lesson, .in-free, .in-quiz")) {
      part.hidden = !part.classList.contains(`in-${this.mode}`);
    }
    if (this.mode === "quiz") this.#drawQuiz();
    else this.#drawWalk();
    if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]:not(:disabled)`)?.focus();
  }

  #drawQuiz() {
    const { lesson, edge } = this.quiz.start();
    const way = lesson.way(0, (node) => node === edge.source).map((step) => lesson.steps[step].words);
    const done = [...lesson.data.start.map((step) => step.words), ...way];
    $("now").replaceChildren(
      sceneView(this.#state(lesson, edge.source)),
      element("details", {}, element("summary", {}, `How it came to this: ${done.length} steps`), element("ol", {}, ...done.map((words) => element("li", {}, element("code", {}, words)))))
    );
  }

  #state(lesson, node) {
    return { seen: lesson.seen(node), kept: lesson.kept(node), words: lesson.objects(node) };
  }

  #drawWalk() {
    const { lesson, node, last } = this;
    // It may stand among the buttons, which are made anew.
    document.querySelector(".columns > :last-child").prepend($("happening"));
    $("lesson").value = lesson.name;
    $("back").disabled = !this.walk.length;
    $("map").replaceChildren(...this.#maps());
    const before = last ? this.#state(lesson, last.source) : undefined;
    if (this.mode === "lesson") {
      $("now").replaceChildren(sceneView(this.#state(lesson, node), before));
      const turned = (number) => {
        this.turn(number);
        this.update();
        $("story-title").focus();
      };
      $("story").replaceChildren(...this.story.view(lesson, this.walk, () => this.draw()));
      $("turning").replaceChildren(...this.story.turning(lesson, this.walk, turned, () => this.change("free")));
    } else {
      $("now").replaceChildren(
        element("p", { class: "soft" }, `${lesson.data.words}; state ${node + 1} of ${lesson.edges.length}`),
        seenView(lesson.seen(node), lesson.objects(node), before?.seen),
        keptView(lesson.kept(node), before?.kept) ?? ""
      );
    }
    $("happened").replaceChildren(...this.#happened());
    $("do").replaceChildren(...(this.mode === "lesson" ? this.#offered() : this.#buttons()));
    $("steps").replaceChildren(this.#steps());
    this.#beside();
  }

  /** Where it is narrow, what happened stands right below the buttons among which one was pressed. */
  #beside() {
    const pressed = this.last && $("do").querySelector(`[data-step="${this.last.step}"]`)?.closest(".group");
    if (NARROW_SCREEN.matches && pressed && this.mode === "free") pressed.after($("happening"));
  }

  #maps() {
    const other = this.other;
    const legend = element(
      "p",
      { class: "soft legend" },
      this.mode === "free" ? "Press a state to go there. " : "Where it is now, and where it can go from here. ",
      other ? element("span", { class: "different" }, `Red: ${$("other").value} does something else on the way.`) : null
    );
    const maps = this.diagrams.map((diagram) =>
      element("figure", {}, element("figcaption", {}, diagram.object), diagram.draw(this.node, this.#drawing(diagram)))
    );
    return [element("div", { class: "maps" }, ...maps), legend];
  }

  /** How a map is drawn; in the lesson, with the places that matter there. */
  #drawing(diagram) {
    const other = this.other;
    const passed = [...this.walk.map((edge) => edge.target), this.node].map((node) => diagram.words[node]);
    const wellKnown = new Set([...WELL_KNOWN, ...passed]);
    return {
      differs: (edge) => other !== null && other.at(edge) !== null,
      last: this.last,
      among: this.mode === "free" ? diagram.among : diagram.among.filter((words) => wellKnown.has(words)),
      narrow: NARROW_SCREEN.matches,
    };
  }

  #happened() {
    const edge = this.last;
    if (!edge) {
      const steps = [...this.lesson.data.start, ...this.walk.map(({ step }) => this.lesson.steps[step])];
      const words = steps.map((step) => step.plain || step.words);
      return [element("p", {}, words.length ? "So far:" : "Nothing so far."), words.length ? element("ul", {}, ...words.map((each) => element("li", {}, each))) : ""];
    }
    const step = this.lesson.steps[edge.step];
    return [
      element("p", {}, step.plain ? `${step.plain}: ` : "", element("code", { id: "done" }, step.code || step.words)),
      outcomeView(edge.does, this.mode === "lesson" ? callsPlain(edge.calls) : edge.calls),
      ...this.#elsewhere(edge),
      clausesView(edge.cites, step.scene),
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

  /** The buttons of a chapter. */
  #offered() {
    const edges = this.lesson.edges[this.node];
    const shown = this.story.shown(this.lesson, this.walk);
    const buttons = this.story.chapter.offered.map((step) => this.#button(step, edges.get(step), step === shown));
    return [element("div", { class: "group" }, element("div", { class: "buttons" }, ...buttons))];
  }

  #buttons() {
    const edges = [...this.lesson.edges[this.node].values()];
    const [pressed, others] = [true, false].map((wanted) =>
      edges.filter((edge) => this.lesson.steps[edge.step].pressed === wanted)
    );
    const more = element(
      "details",
      { id: "more", open: this.more, toggle: (event) => (this.more = event.target.open) },
      element("summary", { "data-key": "more" }, `${others.length} more operations`),
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
        element(
          "div",
          { class: "group" },
          element("h3", {}, name),
          element("div", { class: "buttons" }, ...found.map((edge) => this.#button(edge.step, edge)))
        )
      );
  }

  /** The button of a step, in plain words with the code beside; `edge` is what it does here, if it can be done. */
  #button(number, edge, shown = false) {
    const step = this.lesson.steps[number];
    const differs = edge && this.other?.at(edge);
    const classes = ["operation", differs ? "different" : "", shown ? "shown" : ""].filter(Boolean);
    return element(
      "button",
      {
        type: "button",
        class: classes.join(" "),
        "data-step": number,
        "data-key": `step ${number}`,
        "aria-disabled": edge ? null : "true",
        click: () => edge && this.press(number),
      },
      element("span", {}, step.plain || step.words),
      step.plain && step.code ? element("code", {}, step.code) : null,
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
document.querySelector('[data-mode="lesson"]').hidden = !DATA.story.length;

const page = new Page();
for (const button of document.querySelectorAll("button[data-mode]")) {
  button.addEventListener("click", () => page.change(button.dataset.mode));
}
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
NARROW_SCREEN.addEventListener("change", () => page.draw());
page.follow(location.hash);
