/** A small world: its states, the steps in each, and how another implementation differs there. */
class Lesson {
  constructor(data, others) {
    this.data = data;
    this.name = data.name;
    this.steps = data.steps;
    this.others = new Map(others.map((other) => [other.target, new Difference(other.lessons[data.name])]));
    this.edges = data.edges.map((flat, source) => {
      const found = new Map();
      for (let at = 0; at < flat.length; at += 4) {
        const [step, outcome, target, cites] = flat.slice(at, at + 4);
        const [does, calls] = data.outcomes[outcome];
        found.set(step, { source, step, does, calls, target, cites: data.cites[cites] });
      }
      return found;
    });
  }

  /** What an implementation shows in a state: "a.state" and the like -> words. */
  seen(node) {
    return this.#part(node, 0);
  }

  /** What the data managers hold in a state. */
  kept(node) {
    return this.#part(node, 1);
  }

  /** What each object is like in a state, by its name. */
  objects(node) {
    return this.#part(node, 2);
  }

  #part(node, part) {
    const numbers = this.data.nodes[node][part];
    const found = {};
    for (let at = 0; at < numbers.length; at += 2) {
      found[this.data.texts[numbers[at]]] = this.data.texts[numbers[at + 1]];
    }
    return found;
  }

  /** The numbers of the steps of a shortest way from a state to one that `wanted` accepts. */
  way(from, wanted) {
    const reached = new Map([[from, null]]);
    for (const node of reached.keys()) {
      if (wanted(node)) return this.#back(reached, node);
      for (const edge of this.edges[node].values()) {
        if (!reached.has(edge.target)) reached.set(edge.target, edge);
      }
    }
    return null;
  }

  #back(reached, node) {
    const steps = [];
    for (let edge = reached.get(node); edge; edge = reached.get(edge.source)) steps.unshift(edge.step);
    return steps;
  }
}

/** How another implementation differs from the reference in a small world. */
class Difference {
  constructor(data) {
    this.apart = new Set(data.apart);
    this.differing = new Map(data.differing.map(([node, step, what]) => [`${node} ${step}`, data.whats[what]]));
  }

  /** What it does at an edge, or null if that is the same: does, calls, seen differently after. */
  at(edge) {
    const found = this.differing.get(`${edge.source} ${edge.step}`);
    if (!found) return null;
    const [does, calls, seen] = found;
    return { does, calls, seen: new Map(seen.map(([key, pair]) => [key, pair[1]])) };
  }
}
