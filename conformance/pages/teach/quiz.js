/** The quiz: what happens next? Whatever can happen here is a question; its clause is the answer. */

const CHOICES = 4;

/** What a step does and where it leads, in words that tell one outcome from another. */
function outcomeWords(lesson, edge) {
  const calls = callsShown(edge.calls);
  const after = Object.entries(lesson.objects(edge.target)).map(([name, words]) => `${name}: ${words}`);
  return `${edge.does}; calls ${calls.join(", ") || "nothing"}; then ${after.join(", ")}`;
}

/** A question about the state `node`: an edge, and the texts to choose from. Null if there is none. */
function question(lesson, node, random = Math.random) {
  const edges = [...lesson.edges[node].values()];
  const told = edges.filter((edge) => edge.cites.length && edge.cites[0][2]);
  const pressed = told.filter((edge) => lesson.steps[edge.step].pressed);
  const moving = pressed.filter((edge) => edge.target !== node || edge.calls.length);
  const among = moving.length && random() < 0.8 ? moving : pressed.length ? pressed : told;
  if (!among.length) return null;
  const edge = among[Math.floor(random() * among.length)];
  return { edge, texts: choices(lesson, edge, random) };
}

function choices(lesson, edge, random) {
  const right = outcomeWords(lesson, edge);
  const wrong = new Set();
  const others = shuffled(lesson.edges.map((each) => each.get(edge.step)).filter(Boolean), random);
  const here = shuffled([...lesson.edges[edge.source].values()], random);
  for (const each of [...others, ...here]) {
    const text = outcomeWords(lesson, each);
    if (text !== right && wrong.size < CHOICES - 1) wrong.add(text);
  }
  return shuffled([right, ...wrong], random);
}

function shuffled(items, random) {
  return items
    .map((item) => [random(), item])
    .sort(([one], [other]) => one - other)
    .map(([, item]) => item);
}

/** Asks, and keeps the score. `done` is called with the edge when it was answered. */
class Quiz {
  constructor(place, done) {
    this.place = place;
    this.done = done;
    this.right = 0;
    this.asked = 0;
  }

  ask(lesson, node) {
    const asked = question(lesson, node);
    if (!asked) {
      this.place.replaceChildren(element("p", {}, "No clause speaks of what can be done here: go on walking."));
      return;
    }
    const answer = outcomeWords(lesson, asked.edge);
    this.place.replaceChildren(
      element("h3", {}, "What happens next?"),
      element("p", {}, "You ", element("code", { id: "asked" }, lesson.steps[asked.edge.step].words), "."),
      element(
        "div",
        { class: "choices" },
        ...asked.texts.map((text) =>
          element("button", { type: "button", click: () => this.#answered(asked.edge, text, answer) }, text)
        )
      )
    );
  }

  #answered(edge, text, answer) {
    this.asked += 1;
    if (text === answer) this.right += 1;
    for (const button of this.place.querySelectorAll(".choices button")) {
      button.disabled = true;
      if (button.textContent === answer) button.classList.add("right");
      else if (button.textContent === text) button.classList.add("wrong");
    }
    this.place.append(
      element(
        "p",
        { id: "verdict", role: "status" },
        element("strong", { class: text === answer ? "pass" : "fail" }, text === answer ? "Right." : "No."),
        ` ${this.right} of ${this.asked}.`
      ),
      clausesView(edge.cites),
      element("button", { type: "button", class: "main", id: "go-on", click: () => this.done(edge) }, "Do it, and go on")
    );
  }

  stop() {
    this.place.replaceChildren();
  }
}
