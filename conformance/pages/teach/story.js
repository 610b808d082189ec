/** The story: chapters with goals, and how far a learner has come in the one that is shown. */

class Story {
  constructor(chapters) {
    this.chapters = chapters;
    this.number = 0;
    this.hints = 0;
  }

  get chapter() {
    return this.chapters[this.number];
  }

  get isLast() {
    return this.number === this.chapters.length - 1;
  }

  /** Turn to a chapter. */
  turn(number) {
    this.number = Math.max(0, Math.min(this.chapters.length - 1, number));
    this.hints = 0;
  }

  /** How many of the goals a walk from the scene has reached, one after the other. */
  reached(lesson, walk) {
    const { goals, scene } = this.chapter;
    let count = 0;
    for (const edge of walk.slice(scene.length)) {
      if (count < goals.length && fulfils(lesson, edge, goals[count])) count += 1;
    }
    return count;
  }

  /** The chapter as it stands after a walk; `drawn` is called to draw it again. */
  view(lesson, walk, drawn) {
    const { goals, told, title } = this.chapter;
    const count = this.reached(lesson, walk);
    const known = new Set();
    const goal = ({ words }, at) =>
      element(
        "li",
        { class: at < count ? "reached" : at === count ? "next" : null },
        element("span", { class: "unseen" }, at < count ? "reached: " : at === count ? "to do: " : "later: "),
        words
      );
    return [
      element("p", { class: "soft", id: "where" }, `Step ${this.number + 1} of ${this.chapters.length}`),
      element("h2", { id: "story-title", tabindex: "-1" }, title),
      ...told.map((text) => element("p", {}, ...prose(text, known))),
      element("h3", {}, goals.length > 1 ? "Your goals" : "Your goal"),
      element("ol", { class: "goals" }, ...goals.map(goal)),
      count < goals.length ? this.#hint(drawn) : "",
    ];
  }

  /**
   * What has been seen, and where to go on. `turned` is called with the number of a chapter to show,
   * `free` to leave for the sandbox.
   */
  turning(lesson, walk, turned, free) {
    const { goals, scene, learned } = this.chapter;
    const solved = this.reached(lesson, walk) === goals.length;
    const key = (id) => ({ type: "button", id, "data-key": id });
    const onward = this.isLast ? "On to the sandbox" : solved ? "Next step" : "Skip this step";
    return [
      element("div", { role: "status" }, solved ? element("p", { id: "learned", class: "note" }, element("strong", {}, "So: "), ...prose(learned)) : ""),
      element(
        "div",
        { class: "row" },
        element("button", { ...key("next"), class: solved ? "main" : null, click: () => (this.isLast ? free() : turned(this.number + 1)) }, onward),
        element("button", { ...key("anew"), disabled: walk.length === scene.length, click: () => turned(this.number) }, "Begin this step again"),
        element("button", { ...key("previous"), disabled: !this.number, click: () => turned(this.number - 1) }, "Previous step")
      ),
    ];
  }

  /** First a hint in words; pressed again, the button that leads on is marked. */
  #hint(drawn) {
    return element(
      "div",
      { class: "hint" },
      element(
        "button",
        {
          type: "button",
          class: "quiet",
          id: "hint",
          "data-key": "hint",
          click: () => {
            this.hints += 1;
            drawn();
          },
        },
        this.hints ? "Show me the button" : "Give me a hint"
      ),
      element("span", { role: "status" }, this.hints ? ` ${this.chapter.hint}` : "")
    );
  }

  /** The step that leads on, if somebody asked for it. */
  shown(lesson, walk) {
    return this.hints > 1 ? this.chapter.goals[this.reached(lesson, walk)]?.step : undefined;
  }
}

/** Whether a step does what a goal wants. */
function fulfils(lesson, edge, { step, before, after, calls }) {
  const are = (node, wanted) => {
    const objects = lesson.objects(node);
    return Object.entries(wanted).every(([name, status]) => statusIn(objects[name]) === status);
  };
  const made = callsShown(edge.calls).map((call) => call.split(" ")[0]);
  return (
    edge.step === step && are(edge.source, before) && are(edge.target, after) && made.join() === calls.join()
  );
}
