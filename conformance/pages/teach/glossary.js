/** Words of the field, explained where they stand: on hover, on focus, and by a press. */

const TERMS = new RegExp(
  `\\b(${Object.keys(DATA.glossary).sort((one, other) => other.length - one.length).join("|")})(s|d|ed|ting)?\\b`,
  "gi"
);

/** A word that says what it means. */
function term(shown, word = shown) {
  return element(
    "button",
    {
      type: "button",
      class: "term",
      "data-term": word,
      "aria-describedby": "meaning",
      mouseenter: (event) => explain(event.currentTarget),
      focus: (event) => explain(event.currentTarget),
      click: (event) => explain(event.currentTarget),
      mouseleave: () => hush(),
      blur: () => hush(),
    },
    shown
  );
}

/** A text in which each word of the glossary, where it comes first, says what it means. */
function prose(text, told = new Set()) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(TERMS)) {
    const word = match[1].toLowerCase();
    if (told.has(word)) continue;
    told.add(word);
    found.push(text.slice(at, match.index), term(match[0], word));
    at = match.index + match[0].length;
  }
  return [...found, text.slice(at)];
}

/** Show what a word means, below it. */
function explain(place) {
  const meaning = document.getElementById("meaning");
  meaning.textContent = DATA.glossary[place.dataset.term];
  meaning.hidden = false;
  const { left, bottom } = place.getBoundingClientRect();
  const most = document.documentElement.clientWidth - meaning.offsetWidth - 8;
  meaning.style.setProperty("left", `${Math.max(8, Math.min(left, most)) + scrollX}px`);
  meaning.style.setProperty("top", `${bottom + 4 + scrollY}px`);
}

function hush() {
  document.getElementById("meaning").hidden = true;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hush();
});
