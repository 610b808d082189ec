"use strict";

/**
 * A trace to step through: what is done, and beside one another what each `player` does and what
 * can be seen of it afterwards. A player is a recording with a `label`. Steps at which players differ
 * are marked; the one at `start` is shown first, or the first that differs, or the last. Of steps
 * that a player leaves out, or of which it does not say what they do, nothing is known.
 */
function stepper(words, players, start = null) {
  const all = players.map((player) => ({ ...player, seen: accumulated(player.steps) }));
  const differing = words.map((_, number) => differences(all, number).size > 0);
  const first = differing.indexOf(true);
  let current = start ?? (first >= 0 ? first : words.length - 1);

  const previous = element("button", { type: "button", click: () => show(current - 1) }, "Previous");
  const next = element("button", { type: "button", click: () => show(current + 1) }, "Next");
  const where = element("span", { role: "status" });
  const list = element("ol", { class: "steps" });
  const buttons = words.map((line, number) => {
    const marked = differing[number] ? { class: "differing", title: "Answers differ here" } : {};
    const button = element("button", { type: "button", ...marked, click: () => show(number) }, line);
    list.append(element("li", {}, button));
    return button;
  });
  const after = element("div", { class: "wide" });
  const box = element(
    "div",
    { class: "card stepper", role: "group", "aria-label": "The trace, step by step", keydown: onKey },
    element("div", { class: "row" }, previous, next, where),
    list,
    after,
  );

  function show(number) {
    current = Math.max(0, Math.min(words.length - 1, number));
    previous.disabled = current === 0;
    next.disabled = current === words.length - 1;
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", index === current));
    const note = differing[current] ? " - answers differ" : "";
    where.textContent = `Step ${current + 1} of ${words.length}${note}`;
    after.replaceChildren(table(words[current], all, current));
  }

  function onKey(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    show(current + by);
    if (list.contains(document.activeElement)) buttons[current].focus();
  }

  if (words.length) show(current);
  return box;
}

/** For each step, all that can be seen after it; of one that is not known, only what it says itself. */
function accumulated(steps) {
  let seen = {};
  return steps.map((step) => {
    const kept = step.does === undefined ? {} : seen;
    seen = { ...kept, ...(step.changes ?? {}) };
    return seen;
  });
}

/** What a player did in a step and can be seen of it: [key, text] in order. Null if it did not come so far. */
function told(player, number) {
  const step = player.steps[number];
  if (!step) return null;
  if (step.does === undefined) return player.seen[number];
  return { outcome: step.does, calls: (step.calls ?? []).join("\n") || "none", ...player.seen[number] };
}

/** The keys in which players differ after a step; what one of them does not show at all does not count. */
function differences(players, number) {
  const rows = players.map((player) => told(player, number));
  const found = new Set();
  const reached = rows.filter((row) => row !== null);
  if (reached.length && reached.length < rows.length && rows.some((row, index) => !row && players[index].lost))
    found.add("outcome");
  for (const key of new Set(reached.flatMap(Object.keys))) {
    const values = reached.map((row) => row[key]).filter((value) => value !== undefined);
    if (new Set(values).size > 1) found.add(key);
  }
  return found;
}

function table(words, players, number) {
  const rows = players.map((player) => told(player, number));
  const before = players.map((player) => (number ? told(player, number - 1) : null));
  const differ = differences(players, number);
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row ?? {})))];
  const shown = keys.filter(
    (key) => key === "outcome" || key === "calls" || differ.has(key)
      || rows.some((row, index) => row && row[key] !== undefined && row[key] !== before[index]?.[key]),
  );
  const body = (shown.length ? shown : ["outcome"]).map((key) =>
    element(
      "tr",
      differ.has(key) ? { class: "differs" } : {},
      element("th", { scope: "row" }, key),
      ...players.map((player, index) =>
        element("td", { "data-label": player.label }, cell(player, rows[index], key))),
    ));
  return element(
    "table",
    { class: "seen" },
    element("caption", { class: "unseen" }, `After: ${words}`),
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "then"),
      ...players.map((player) => element("th", { scope: "col" }, player.label)))),
    element("tbody", {}, ...body),
  );
}

function cell(player, row, key) {
  if (row === null) return key === "outcome" ? player.lost ?? player.unsupported ?? "-" : "-";
  return key in row ? row[key] ?? "gone" : "-";
}
