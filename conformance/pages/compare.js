"use strict";

/** How many lines the first part of the page has before the rest is folded. */
const MOST = 12;
const byId = (id) => document.getElementById(id);
let compared;

unpack(DATA).then((data) => {
  compared = data;
  heading();
  first();
  filters();
  matrix();
  cards("differences", compared.differences, differenceCard);
  causes();
  informing();
  filtersFromAddress();
  filter();
  openFragment();
  document.body.dataset.ready = "true";
  performance.mark("ready");
});

/* The top */

function heading() {
  const { clauses, clauses_that_differ, traces, traces_that_differ } = compared.summary;
  const several = compared.implementations.length > 1;
  byId("summary").textContent = several
    ? `${compared.implementations.length} implementations; ${clauses_that_differ} of ${clauses} clauses and `
      + `${traces_that_differ} kinds of steps (in ${traces} traces) with different answers.`
    : `${clauses} clauses.`;
  byId("version").textContent = compared.suite.version;
  for (const each of compared.implementations) {
    const verdicts = Object.entries(each.verdicts).map(([verdict, count]) =>
      element("span", { class: `verdict ${verdict}` }, `${count} ${verdict} `));
    const from = each.live ? "" : " (from a report)";
    byId("implementations").tBodies[0].append(element(
      "tr",
      {},
      element("th", { scope: "row" }, each.label),
      element("td", { "data-label": "runs on" }, `${each.interpreter} ${each.python}, ${each.platform}${from}`),
      element("td", { "data-label": "MUST clauses kept" }, `${each.must.kept} of ${each.must.judged}`),
      element("td", { "data-label": "verdicts" }, ...verdicts),
    ));
  }
}

/** What matters most: crashes, MUST clauses that fail or differ, and what most divergences come of. */
function first() {
  const several = compared.implementations.length > 1;
  const rows = [];
  const steps = (item) => compared.traces[item.trace].words.slice(0, item.step + 1).join("; ");
  const row = (text, name, open) => rows.push(element("li", {},
    element("button", { type: "button", class: "quiet", click: open }, name), ` ${text}`));
  for (const item of compared.reported.filter((each) => each.signature.endsWith("| crash"))) {
    const how = item.answers.find((answer) => answer !== null);
    row(`the process ${how}: ${steps(item)}`, item.signature, () => openTrace(item.signature, item));
  }
  const bad = (cell) => cell !== null && ["fail", "inconclusive"].includes(cell.verdict);
  for (const clause of compared.clauses.filter((each) => each.level === "MUST")) {
    const column = clause.cells.findIndex(bad);
    if (column < 0 || (several && clause.groups.length < 2)) continue;
    const { because, message } = clause.cells[column];
    const who = several ? `${compared.implementations[column].label}: ` : "";
    row(who + (because ?? message), clause.id, () => openClause(clause, column));
  }
  byId("first").hidden = !rows.length;
  byId("first").querySelector("ul").append(...rows.slice(0, MOST));
  if (rows.length > MOST) {
    byId("first").append(element("details", {}, element("summary", {}, `and ${rows.length - MOST} more`),
      element("ul", { class: "plain" }, ...rows.slice(MOST))));
  }
}

/* Filters */

/** The controls whose values stand in the address, so that a view can be sent to somebody. */
const KEPT = ["search", "area", "level", "verdict", "differing"];

function filtersFromAddress() {
  if (!location.hash.startsWith("#?")) return;
  const given = new URLSearchParams(location.hash.slice(2));
  for (const id of KEPT.filter((each) => byId(each) && given.has(each))) {
    if (byId(id).type === "checkbox") byId(id).checked = true;
    else byId(id).value = given.get(id);
  }
}

/** The fragment of the address that stands for the filters as they are. */
function filtersAddress() {
  const set = KEPT.filter((id) => byId(id)?.type === "checkbox" ? byId(id).checked : byId(id)?.value);
  const told = new URLSearchParams(set.map((id) => [id, byId(id).value]));
  return set.length ? `#?${told}` : "#";
}

function filtered() {
  filter();
  history.replaceState(null, "", filtersAddress());
}

function filters() {
  const distinct = (values) => [...new Set(values)];
  const options = {
    area: distinct(compared.clauses.map((clause) => clause.area)),
    level: distinct(compared.clauses.map((clause) => clause.level)),
    verdict: distinct(compared.clauses.flatMap((clause) => clause.cells.map((cell) => cell?.verdict))),
  };
  for (const [id, values] of Object.entries(options)) {
    for (const value of values.filter(Boolean)) {
      byId(id).append(element("option", { value }, value));
    }
  }
  const form = byId("filters");
  form.addEventListener("input", filtered);
  form.addEventListener("reset", () => setTimeout(filtered));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.key !== "/" || typing || byId("detail").open) return;
    event.preventDefault();
    byId("search").focus();
  });
}

/** Show what fits the filters, and how much that is. */
function filter() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const area = byId("area").value;
  const level = byId("level").value;
  const verdict = byId("verdict").value;
  const differing = byId("differing")?.checked ?? false;
  const fits = (text) => words.every((word) => text.includes(word));
  let shown = 0;
  const areas = new Set();
  for (const clause of compared.clauses) {
    const visible = (!area || clause.area === area)
      && (!level || clause.level === level)
      && (!verdict || clause.cells.some((cell) => cell?.verdict === verdict))
      && (!differing || clause.groups.length > 1)
      && fits(clause.text);
    clause.row.hidden = !visible;
    shown += visible;
    if (visible) areas.add(clause.area);
  }
  for (const row of document.querySelectorAll("#matrix tr.area")) row.hidden = !areas.has(row.dataset.area);
  for (const each of [...compared.differences, ...compared.reported]) {
    each.card.hidden = !fits(each.text)
      || (area !== "" && !each.clauses.some((id) => id.startsWith(`${area}-`)));
  }
  for (const cause of document.querySelectorAll("details.cause")) {
    cause.hidden = !cause.querySelector("li:not([hidden])");
    cause.open = words.length > 0;
  }
  byId("found").textContent = `${shown} of ${compared.clauses.length} clauses`;
  const buttons = visibleButtons();
  if (!buttons.some((button) => button.tabIndex === 0) && buttons.length) buttons[0].tabIndex = 0;
}

/* The matrix */

function matrix() {
  const table = byId("matrix");
  for (const each of compared.implementations) {
    table.tHead.rows[0].append(element("th", { scope: "col" }, each.label));
  }
  const body = table.tBodies[0];
  let area = null;
  for (const clause of compared.clauses) {
    if (clause.area !== area) {
      area = clause.area;
      const columns = compared.implementations.length + 1;
      body.append(element("tr", { class: "area", "data-area": area },
        element("th", { colspan: columns, scope: "colgroup" }, area)));
    }
    clause.text = [clause.id, clause.level, clause.sentence, ...clause.groups.map((group) => group.answer)]
      .join("\n").toLowerCase();
    clause.row = element("tr", {},
      element("th", { scope: "row" }, element("span", { class: "id" }, clause.id), ` ${clause.level} `,
        element("span", { class: "soft" }, clause.sentence)),
      ...clause.cells.map((cell, column) => matrixCell(clause, cell, column)));
    body.append(clause.row);
  }
  table.addEventListener("keydown", move);
}

function matrixCell(clause, cell, column) {
  const label = compared.implementations[column].label;
  if (cell === null) return element("td", { "data-label": label }, "-");
  const group = clause.groups.findIndex((each) => each.members.includes(column));
  const letter = clause.groups.length > 1 && group >= 0
    ? element("span", { class: "group", title: "The same letter: the same answer" }, ` ${String.fromCharCode(65 + group)}`)
    : null;
  const button = element("button", {
    type: "button",
    class: `quiet verdict ${cell.verdict}`,
    tabindex: -1,
    click: () => openClause(clause, column),
  }, cell.verdict, letter, element("span", { class: "unseen" }, ` ${clause.id} on ${label}`));
  button.dataset.column = column;
  return element("td", { "data-label": label }, button);
}

function visibleButtons() {
  return [...document.querySelectorAll("#matrix tr:not([hidden]) button")];
}

/** The arrow keys move in the matrix: one stop of the tabulator, not a thousand. */
function move(event) {
  const from = event.target.closest("button");
  if (!from || !["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
  const buttons = visibleButtons();
  const column = buttons.filter((button) => button.dataset.column === from.dataset.column);
  const row = [...from.closest("tr").querySelectorAll("button")];
  const to = {
    ArrowUp: column[column.indexOf(from) - 1],
    ArrowDown: column[column.indexOf(from) + 1],
    ArrowLeft: row[row.indexOf(from) - 1],
    ArrowRight: row[row.indexOf(from) + 1],
    Home: column[0],
    End: column.at(-1),
  }[event.key];
  event.preventDefault();
  if (!to) return;
  for (const button of document.querySelectorAll("#matrix button[tabindex='0']")) button.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

/* Cards */

function cards(id, items, made) {
  const section = byId(id);
  if (!section || !items.length) return;
  section.hidden = false;
  section.querySelector("ul").append(...items.map((item) => (item.card = made(item))));
}

/** The divergences by their causes: a part that opens for each, the one of which most comes first. */
function causes() {
  const section = byId("reported");
  if (!compared.reported.length) return;
  section.hidden = false;
  const groups = new Map();
  for (const item of compared.reported) {
    const name = item.cause ?? "";
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  for (const [name, items] of [...groups].sort(([, one], [, other]) => other.length - one.length)) {
    const made = items.map((item) => (item.card = reportedCard(item)));
    section.append(element("details", { class: "cause" },
      element("summary", {}, element("strong", {}, name || "others"), ` (${items.length}) `,
        element("span", { class: "soft" }, items[0].because ?? "")),
      element("ul", { class: "cards" }, ...made)));
  }
}

/** What informs and decides nothing: a part that opens for each kind. */
function informing() {
  const section = byId("informs");
  if (!compared.informs.length) return;
  section.hidden = false;
  const kinds = new Map();
  for (const item of compared.informs) kinds.set(item.kind, [...(kinds.get(item.kind) ?? []), item]);
  for (const [kind, items] of [...kinds].sort(([, one], [, other]) => other.length - one.length)) {
    section.append(element("details", { class: "cause" },
      element("summary", {}, element("strong", {}, kind), ` (${items.length})`),
      element("ul", { class: "cards" }, ...items.map(informingCard))));
  }
}

function informingCard(item) {
  return element("li", { class: "card" },
    element("h3", {}, item.operation ? `${item.what} after ${item.operation}` : item.what),
    element("p", {}, item.steps.join("; ")), reported(item));
}

function differenceCard(item) {
  const trace = compared.traces[item.trace];
  item.text = [item.name, item.about, item.operation, ...item.fields, ...item.groups.map((group) => group.answer)]
    .join("\n").toLowerCase();
  return card(item.name, item, `${item.about} They differ at step ${item.step + 1}, ${item.operation}, in ${item.fields[0]}: `
    + trace.words[item.step], answers(item.groups));
}

function reportedCard(item) {
  item.text = [item.signature, item.cause, item.because, item.expected, ...item.answers].join("\n").toLowerCase();
  return card(item.signature, item, "", reported(item));
}

function reported(item) {
  const rows = item.answers.flatMap((answer, column) =>
    answer === null ? [] : [[compared.implementations[column].label, answer]]);
  return pairs([["expected", item.expected], ...rows]);
}

function card(name, item, about, ...more) {
  const button = element("button", { type: "button", click: () => openTrace(name, item) }, "Step by step",
    element("span", { class: "unseen" }, ` ${name}`));
  return element("li", { class: "card" },
    element("div", { class: "row" }, element("h3", {}, name), button),
    about ? element("p", {}, about) : null, ...more);
}

function answers(groups) {
  return pairs(groups.map((group) => [
    group.members.map((number) => compared.implementations[number].label).join(", "), group.answer,
  ]));
}

function pairs(rows) {
  return element("dl", { class: "answers" },
    ...rows.flatMap(([key, value]) => [element("dt", {}, key), element("dd", {}, value)]));
}

/* Details */

function openClause(clause, column) {
  const cell = clause.cells[column];
  const { label, target } = compared.implementations[column];
  const body = [
    element("p", {}, clause.sentence),
    element("p", { class: "soft" }, clause.level,
      ...clause.says.flatMap(({ words, link }) => ["; ", link ? element("a", { href: link, rel: "noreferrer" }, words) : words]),
      clause.decision ? `; decision: ${clause.decision}` : ""),
    cell.because ? element("p", {}, `Cause: ${cell.because}`) : null,
    element("p", {}, element("span", { class: `verdict ${cell.verdict}` }, cell.verdict),
      ` - ${cell.decisive} of ${cell.checks} checks${cell.message ? `: ${cell.message}` : ""}`),
  ];
  if (clause.groups.length > 1) body.push(element("h3", {}, "Answers"), answers(clause.groups));
  for (const check of cell.shown) {
    body.push(element("h3", {}, `Check ${check.name}`));
    const rows = [["looked at", check.what], ["expected", check.expected], ["got", check.got]];
    body.push(pairs(rows.filter(([, value]) => value !== undefined)));
    if (check.trace) body.push(...traceDetail(check.trace, [check.script ?? null], null, [column]));
  }
  if (!cell.shown.some((check) => check.trace) && clause.example) {
    body.push(element("h3", {}, "An example"), ...traceDetail(clause.example, [clause.scripts[column]], null, [column]));
  }
  const command = `persistent-conformance check ${target} --clause ${clause.id}`;
  body.push(element("p", { class: "row" }, "Alone: ", element("code", {}, command), copyButton(command)));
  openDetail(`${clause.id} on ${label}`, body, `${clause.id}/${column}`);
}

function openTrace(name, item) {
  const shown = item.groups ? answers(item.groups) : reported(item);
  const columns = compared.implementations.map((_, column) => column);
  openDetail(name, [shown, ...traceDetail(item.trace, item.scripts, item.step, columns)], null);
}

/** A trace with what `columns` and the reference do in it, and its scripts. */
function traceDetail(id, scripts, step, columns) {
  const trace = compared.traces[id];
  const player = (label, number) => ({ label, ...compared.recordings[number] });
  const players = columns
    .filter((column) => trace.recordings[column] !== null)
    .map((column) => player(compared.implementations[column].label, trace.recordings[column]));
  const isReference = columns.some((column) => compared.implementations[column].target === "ref");
  if (!isReference) players.push(player("the reference", trace.reference));
  const made = [stepper(trace.words, players, step)];
  const file = { schema: 1, world: trace.world, operations: trace.operations };
  made.push(source("The trace, for replay", JSON.stringify(file, null, 1)));
  for (const key of new Set(scripts.filter(Boolean))) {
    made.push(source(`A script that shows it alone (${key.slice(key.indexOf(" ") + 1)})`, scriptText(key)));
  }
  return made;
}

function scriptText(key) {
  return compared.scripts[key].map((number) => compared.lines[number]).join("\n");
}

function source(title, text) {
  return element("details", {}, element("summary", {}, title),
    copyButton(text), element("pre", { tabindex: 0 }, text));
}

function openDetail(title, body, fragment) {
  const dialog = byId("detail");
  byId("detail-title").textContent = title;
  byId("detail-body").replaceChildren(...body.filter(Boolean));
  if (fragment) history.replaceState(null, "", `#${fragment}`);
  if (!dialog.open) {
    dialog.showModal();
    dialog.addEventListener("close", () => history.replaceState(null, "", filtersAddress()), { once: true });
  }
  dialog.scrollTop = 0;
}

/** Open the cell that the fragment names, such as #ACT-07/1. */
function openFragment() {
  const [id, column] = decodeURIComponent(location.hash.slice(1)).split("/");
  const clause = compared.clauses.find((each) => each.id === id);
  if (clause?.cells[column]) openClause(clause, Number(column));
}

window.addEventListener("hashchange", () => compared && openFragment());
