/**
 * The quiz: every rule is asked once before any is asked twice, and what was wrong comes again.
 *
 * A rule is a clause that decides some step. Where a step does something, the question is what; two
 * things of the answer are doubted, so that each of their values stands in two of the four choices,
 * and none is the odd one out. Where it does nothing, the question is which step that was.
 */

const CHOICES = 4;
/** What people believe becomes of objects, and whom they believe to be called. */
const BELIEVED = ["ghost", "saved", "changed"];
const BELIEVED_CALLS = [[], ["setstate"], ["register"], ["setstate", "register"]];

/** The edges that each rule decides in `lessons`: those of buttons that everybody has, if there are any. */
function rulesIn(lessons) {
  const rules = new Map();
  for (const lesson of lessons) {
    for (const edges of lesson.edges) {
      for (const edge of edges.values()) {
        const step = lesson.steps[edge.step];
        const first = edge.cites[0];
        if (!first || !first[2] || step.scene || step.made.op === "plan") continue;
        if (!rules.has(first[0])) rules.set(first[0], { pressed: [], rest: [] });
        rules.get(first[0])[step.pressed ? "pressed" : "rest"].push({ lesson, edge });
      }
    }
  }
  return new Map([...rules].map(([rule, { pressed, rest }]) => [rule, pressed.length ? pressed : rest]));
}

/** What becomes of an object: its status, before and after. */
function fate(name, before, after) {
  const status = after === "ghost" ? "a ghost" : after;
  return before === after ? `${name} stays ${status}` : `${name} becomes ${status}`;
}

/** The things that can be doubted of what happens at an edge: by name, the right text and whether it is news. */
function answered(lesson, edge) {
  const found = new Map();
  const { made } = lesson.steps[edge.step];
  const [before, after] = [lesson.objects(edge.source), lesson.objects(edge.target)];
  found.set("gives", { text: `it ${edge.does}`, news: edge.does.startsWith("raises") });
  const calls = callsPlain(edge.calls);
  found.set("calls", { text: callsText(calls), news: calls.length > 0 });
  for (const name of made.object ? [made.object] : Object.keys(after)) {
    const [one, other] = [statusIn(before[name] ?? "absent"), statusIn(after[name] ?? "absent")];
    if (one === "absent" && other === "absent") continue;
    found.set(name, { text: fate(name, one, other), news: one !== other, one, other });
  }
  const [was, is] = [edge.source, edge.target].map((node) => ringNames(lesson.seen(node)["jar._cache.ring"]));
  if (was?.length > 1 && is?.length > 1) {
    found.set("ring", { text: ringText(is), news: was.join() !== is.join(), ring: is });
  }
  return found;
}

function callsText(calls) {
  return calls.length ? `it calls ${calls.join(", then ")}` : "it calls nothing";
}

function ringText(names) {
  return `most recently used is ${names.at(-1)}`;
}

/** Other texts for one of the things: what the same operation does elsewhere, and what people believe. */
function doubts(lesson, edge, name, right, random) {
  const { made } = lesson.steps[edge.step];
  const target = made.object ?? Object.keys(lesson.objects(edge.source))[0];
  const wrong = [];
  if (name === "calls") wrong.push(...BELIEVED_CALLS.map((calls) => callsText(calls.map((call) => `${call} ${target}`))));
  else if (name === "ring") wrong.push(...right.ring.map((each) => ringText([each])));
  else if (name === "gives") {
    const same = lesson.edges.map((edges) => edges.get(edge.step)).filter(Boolean);
    wrong.push(...same.map(({ does }) => `it ${does}`));
    wrong.push(right.news ? "it returns None" : `it raises ${made.op === "get" ? "AttributeError" : "ValueError"}`);
  } else {
    const known = [...BELIEVED, right.one].filter((status) => status !== "absent");
    wrong.push(...known.map((status) => fate(name, right.one, status)));
  }
  return shuffled([...new Set(wrong)].filter((text) => text !== right.text), random);
}

/** A question about one of the edges of a rule: what is asked, the texts to choose from, the right one. */
function question(edges, random = Math.random) {
  const several = shuffled(edges, random, 12);
  const telling = several.find(({ lesson, edge }) => [...answered(lesson, edge).values()].some(({ news }) => news));
  const { lesson, edge } = telling ?? several[0];
  return (telling && whatHappens(lesson, edge, random)) ?? whatWasDone(lesson, edge, random) ?? whatHappens(lesson, edge, random);
}

/** What happens next? One thing that is news is doubted, and another one. */
function whatHappens(lesson, edge, random) {
  const things = answered(lesson, edge);
  const doubted = [...things].map(([name, right]) => [name, doubts(lesson, edge, name, right, random)]).filter(([, wrong]) => wrong.length);
  const [first] = shuffled(doubted.filter(([name]) => things.get(name).news), random);
  const one = first ?? doubted[0];
  const [two] = shuffled(doubted.filter((each) => each !== one), random);
  const texts = [[], [one], [two], [one, two]].map((wrong) => {
    const changed = new Map(wrong.map(([name, [text]]) => [name, text]));
    return sentence([...things].map(([name, { text }]) => changed.get(name) ?? text));
  });
  return { lesson, edge, kind: "next", told: "", answer: texts[0], texts: shuffled(texts, random) };
}

/** Which step was it? All others that can be chosen do something else. */
function whatWasDone(lesson, edge, random) {
  const told = outcomeText(lesson, edge);
  const others = shuffled([...lesson.edges[edge.source].values()], random).filter(
    (each) => comparable(lesson, edge, each) !== comparable(lesson, edge, edge)
  );
  const pressed = (each) => lesson.steps[each.step].pressed;
  const wrong = [...others.filter(pressed), ...others.filter((each) => !pressed(each))];
  const texts = [...new Set([edge, ...wrong].map((each) => stepText(lesson.steps[each.step])))].slice(0, CHOICES);
  if (texts.length < CHOICES) return null;
  return { lesson, edge, kind: "done", told, answer: texts[0], texts: shuffled(texts, random) };
}

/** What is told of an edge, so that others can be told apart from it by that alone. */
function comparable(lesson, edge, each) {
  const [wanted, found] = [answered(lesson, edge), answered(lesson, each)];
  const after = lesson.objects(each.target);
  const fates = Object.keys(lesson.objects(edge.source)).map((name) => statusIn(after[name] ?? "absent"));
  return [...fates, found.get("gives").text, found.get("calls").text, wanted.has("ring") ? found.get("ring")?.text : ""].join();
}

function outcomeText(lesson, edge) {
  return sentence([...answered(lesson, edge).values()].map(({ text }) => text));
}

function sentence(parts) {
  const text = parts.join("; ");
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

function stepText(step) {
  return step.plain && step.code ? `${step.plain}: ${step.code}` : step.plain || step.words;
}

/** The items, or some of them, in an order by chance. */
function shuffled(items, random, count = items.length) {
  const left = [...items];
  const taken = Math.min(count, left.length);
  for (let at = 0; at < taken; at += 1) {
    const other = at + Math.floor(random() * (left.length - at));
    [left[at], left[other]] = [left[other], left[at]];
  }
  return left.slice(0, taken);
}

/** Which rule comes next: all of them, then those that were answered wrongly until they are right. */
class Rounds {
  constructor(rules, random = Math.random) {
    this.rules = [...rules];
    this.random = random;
    this.left = [];
    this.missed = [];
  }

  next() {
    if (!this.left.length) {
      const again = this.missed.length ? this.missed : this.rules;
      this.left = shuffled(again, this.random);
      this.missed = [];
    }
    return this.left.shift();
  }

  /** A rule was answered wrongly. */
  miss(rule) {
    this.missed.push(rule);
  }
}

/** Asks, and keeps the score. `drawn` is called when another question is there. */
class Quiz {
  constructor(place, lessons, drawn) {
    this.place = place;
    this.lessons = lessons;
    this.drawn = drawn;
    this.right = 0;
    this.asked = 0;
    this.rules = null;
    this.current = null;
  }

  /** The question that is asked now; the first one, if there was none. */
  start() {
    if (!this.rules) {
      this.rules = rulesIn(this.lessons);
      this.rounds = new Rounds(this.rules.keys());
    }
    if (!this.current) this.#another();
    return this.current;
  }

  #another() {
    const rule = this.rounds.next();
    this.current = { rule, ...question(this.rules.get(rule)) };
    this.#show();
  }

  #show() {
    const { lesson, edge, kind, told, texts } = this.current;
    const step = lesson.steps[edge.step];
    const asked =
      kind === "next"
        ? element("p", {}, step.plain ? `${step.plain}: ` : "", element("code", { id: "asked" }, step.code || step.words))
        : element("p", {}, "This is what came of it: ", element("span", { id: "asked" }, told));
    this.place.replaceChildren(
      element("p", { class: "soft", id: "where-in-quiz" }, `${this.rules.size} rules, ${this.rounds.left.length + 1} of them still to be asked in this round`),
      element("h2", { id: "question-title", tabindex: "-1" }, kind === "next" ? "What happens next?" : "What did you do?"),
      asked,
      element(
        "div",
        { class: "choices" },
        ...texts.map((text) => element("button", { type: "button", click: () => this.#answered(text) }, text))
      )
    );
  }

  #answered(text) {
    const { rule, lesson, edge, answer, kind } = this.current;
    this.asked += 1;
    if (text === answer) this.right += 1;
    else this.rounds.miss(rule);
    for (const button of this.place.querySelectorAll(".choices button")) {
      button.disabled = true;
      if (button.textContent === answer) button.classList.add("right");
      else if (button.textContent === text) button.classList.add("wrong");
    }
    const again = text === answer ? "" : " This rule comes again.";
    const on = element("button", { type: "button", class: "main", id: "go-on", click: () => this.#next() }, "Next question");
    this.place.append(
      element(
        "p",
        { id: "verdict", role: "status" },
        element("strong", { class: text === answer ? "pass" : "fail" }, text === answer ? "Right." : "No."),
        ` ${this.right} of ${this.asked} right.${again}`
      ),
      kind === "done" ? "" : element("p", {}, outcomeText(lesson, edge)),
      clausesView(edge.cites),
      on
    );
    on.focus();
  }

  #next() {
    this.#another();
    this.drawn();
    document.getElementById("question-title").focus();
  }
}
