/** The map: what an object can be like, and what leads from one to the other. */

const STATUSES = ["absent", "unsaved", "ghost", "saved", "changed", "sticky", "strange", "class"];
const SVG = "http://www.w3.org/2000/svg";
const BOX = { width: 104, height: 44, left: 132, top: 84 };
/** So many statuses have room beside one another. */
const BESIDE = 5;
/** Where it is narrow: statuses below one another, so that what stands in the boxes can be read. */
const NARROW = { width: 104, height: 44, left: 122, top: 74 };

function drawn(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** The diagram of one object of a lesson. `go` is called with the words of a state that is pressed. */
class Diagram {
  constructor(lesson, object, go) {
    this.lesson = lesson;
    this.object = object;
    this.go = go;
    this.words = lesson.data.nodes.map((_, node) => lesson.objects(node)[object]);
    this.among = [...new Set(this.words)];
    this.pairs = this.#joined();
  }

  /** Statuses stand beside one another, and whether they are cached below; or the other way round. */
  #placed(all, isNarrow) {
    const columns = STATUSES.flatMap((each) => [each, `${each} lost`]).filter((each) => all.some((words) => kindIn(words) === each));
    const found = [...new Set(all.map(whereIn))].sort((one, other) => rank(one) - rank(other));
    const rows = found.filter((each) => each !== "");
    const at = (list, each) => Math.max(0, list.indexOf(each));
    const narrow = isNarrow || columns.length > BESIDE;
    return new Map(
      all.map((words) => {
        const [one, other] = [at(columns, kindIn(words)), at(rows, whereIn(words))];
        const { left, top } = narrow ? NARROW : BOX;
        return [words, narrow ? { x: other * left + 4, y: one * top + 8 } : { x: one * left + 8, y: other * top + 26 }];
      })
    );
  }

  #joined() {
    const pairs = new Map();
    for (const edges of this.lesson.edges) {
      for (const edge of edges.values()) {
        const [from, to] = [this.words[edge.source], this.words[edge.target]];
        if (from === to) continue;
        const key = `${from} -> ${to}`;
        if (!pairs.has(key)) pairs.set(key, { from, to, edges: [] });
        pairs.get(key).edges.push(edge);
      }
    }
    return [...pairs.values()];
  }

  /**
   * The drawing where the walk is at `node`. `differs` tells of an edge whether it is different;
   * `last` is the edge by which the walk came; `among` are the words of the places to show.
   */
  draw(node, { differs = () => false, last = null, among = this.among, narrow = false } = {}) {
    this.places = this.#placed(among, narrow);
    const here = this.words[node];
    const size = [...this.places.values()].reduce(
      (found, { x, y }) => ({ x: Math.max(found.x, x), y: Math.max(found.y, y) }),
      { x: 0, y: 0 }
    );
    const box = `0 0 ${size.x + BOX.width + 8} ${size.y + BOX.height + 30}`;
    const picture = drawn("svg", { viewBox: box, width: size.x + BOX.width + 8, role: "group", "aria-label": `What ${this.object} can be like` });
    picture.append(
      drawn(
        "marker",
        { id: `arrow-${this.object}`, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 5, markerHeight: 5, orient: "auto" },
        drawn("path", { d: "M 0 0 L 10 5 L 0 10 z", class: "tip" })
      )
    );
    const out = new Set([...this.lesson.edges[node].values()].map((edge) => this.words[edge.target]));
    const ordered = [...this.pairs].sort((one, other) => (one.from === here) - (other.from === here));
    const shown = ordered.filter(({ from, to }) => this.places.has(from) && this.places.has(to));
    for (const pair of shown) picture.append(this.#line(pair, node, out, differs));
    if (last) picture.append(...this.#went(this.words[last.source], here));
    for (const [words, place] of this.places) picture.append(this.#box(words, place, here));
    return picture;
  }

  /** What leads on from here is different if it is so here; the rest, if it is so anywhere. */
  #line({ from, to, edges }, node, out, differs) {
    const [start, end] = [this.places.get(from), this.places.get(to)];
    const leads = from === this.words[node] && out.has(to);
    const different = edges.some((edge) => (!leads || edge.source === node) && differs(edge));
    const classes = ["line", leads ? "leads" : "", different ? "different" : ""].join(" ");
    const title = drawn("title");
    title.textContent = `${from} to ${to}: ${names(edges, this.lesson).join(", ")}`;
    const tip = leads ? `url(#arrow-${this.object})` : null;
    return drawn("path", { d: curve(start, end), class: classes.trim(), "marker-end": tip, "data-to": to }, title);
  }

  /** The way that was just gone. */
  #went(from, to) {
    if (from === to || !this.places.has(from) || !this.places.has(to)) return [];
    const d = curve(this.places.get(from), this.places.get(to));
    return [drawn("path", { d, class: "went", "marker-end": `url(#arrow-${this.object})` })];
  }

  #box(words, { x, y }, here) {
    const status = statusIn(words);
    const rest = [whereIn(words), isLost(words) ? "lost" : ""].filter(Boolean).join(", ");
    const group = drawn("g", {
      class: `place ${status}${words === here ? " here" : ""}`,
      role: "button",
      tabindex: "0",
      "aria-label": words === here ? `${words}, here` : `go to ${words}`,
      "data-words": words,
    });
    group.append(drawn("rect", { x, y, width: BOX.width, height: BOX.height, rx: 8 }));
    for (const [text, line, style] of [[status, rest ? 19 : 26, "main"], [rest, 35, "small"]]) {
      const made = drawn("text", { x: x + BOX.width / 2, y: y + line, class: style });
      made.textContent = text;
      group.append(made);
    }
    group.addEventListener("click", () => this.go(words));
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.go(words);
    });
    return group;
  }
}

function statusIn(words) {
  return words.split(" ").find((word) => STATUSES.includes(word)) ?? "strange";
}

/** Whether nothing is stored for a ghost. */
function isLost(words) {
  return words.split(" ").includes("lost");
}

function kindIn(words) {
  return `${statusIn(words)}${isLost(words) ? " lost" : ""}`;
}

/** What words such as "Plain ghost cached" say besides the status; the plain class goes unsaid. */
function whereIn(words) {
  const left = words.split(" ").filter((word) => !["Plain", "lost", statusIn(words)].includes(word));
  const rest = left.join(" ");
  return rest || (["absent", "unsaved"].includes(statusIn(words)) ? "" : "without oid");
}

function rank(rest) {
  const found = ["", "cached", "with oid", "without oid"].indexOf(rest);
  return found < 0 ? 4 : found;
}

function names(edges, lesson) {
  return [...new Set(edges.map((edge) => lesson.steps[edge.step].made.op))];
}

/** From the rim of one box to that of the other, bent to the left, so that both ways can be seen. */
function curve(start, end) {
  const middle = ({ x, y }) => ({ x: x + BOX.width / 2, y: y + BOX.height / 2 });
  const [one, other] = [middle(start), middle(end)];
  const [across, down] = [other.x - one.x, other.y - one.y];
  const far = Math.hypot(across, down);
  const bend = Math.min(46, 12 + far / 10);
  const top = { x: (one.x + other.x) / 2 + (down / far) * bend, y: (one.y + other.y) / 2 - (across / far) * bend };
  const [from, to] = [rim(one, top), rim(other, top)];
  return `M ${from.x.toFixed(1)} ${from.y.toFixed(1)} Q ${top.x.toFixed(1)} ${top.y.toFixed(1)} ${to.x.toFixed(1)} ${to.y.toFixed(1)}`;
}

/** Where the line from the middle of a box to a point leaves the box. */
function rim(middle, point) {
  const [across, down] = [point.x - middle.x, point.y - middle.y];
  const scale = Math.min(
    across ? BOX.width / 2 / Math.abs(across) : Infinity,
    down ? BOX.height / 2 / Math.abs(down) : Infinity,
    1
  );
  return { x: middle.x + across * scale, y: middle.y + down * scale };
}
