/* Searches the index, or the list on the page where there is no reading it (a site on disk). All text is shown as text. */
"use strict";

const MOST_SHOWN = 100;
const ASKED = "#q=";
const WEIGHTS = { title: 6, topics: 4, teaser: 1 };

const box = document.querySelector(".search");
const query = document.getElementById("query");
const found = document.getElementById("found");
const results = document.getElementById("results");
const heading = document.getElementById("results-heading");
const newest = heading.textContent;
const listed = Array.from(results.children);

let stories = listed.map((item) => ({ item, folded: { title: fold(item.textContent), topics: "", teaser: "" } }));

function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function readStory(story) {
  const folded = { title: fold(story.title), topics: fold(story.topics.join(" ")), teaser: fold(story.teaser) };
  return { ...story, folded };
}

/* The sum of what each word is worth, at a word's beginning twice as much; 0 when a word is nowhere. */
function score(story, words) {
  let sum = 0;
  for (const word of words) {
    let worth = 0;
    for (const [field, weight] of Object.entries(WEIGHTS)) {
      const text = story.folded[field];
      if ((" " + text).includes(" " + word)) worth += 2 * weight;
      else if (text.includes(word)) worth += weight;
    }
    if (worth === 0) return 0;
    sum += worth;
  }
  return sum;
}

function makeItem(story) {
  if (story.item) return story.item;
  const item = document.createElement("li");
  const [link, day] = ["a", "span"].map((name) => document.createElement(name));
  link.href = box.dataset.root + story.path + "index.html";
  link.dir = "auto";
  link.textContent = story.title;
  day.className = "meta";
  day.textContent = story.day;
  item.append(link, " ", day);
  return item;
}

function tell(count) {
  const cut = count > MOST_SHOWN ? `, the best ${MOST_SHOWN} are shown` : "";
  found.textContent = `${count || "No"} ${count > 1 ? "stories" : "story"} found${cut}`;
}

function show() {
  const words = fold(query.value).split(/\s+/).filter(Boolean);
  heading.textContent = words.length > 0 ? "Found" : newest;
  if (words.length === 0) {
    found.textContent = "";
    results.replaceChildren(...listed);
    return;
  }
  const hits = stories.map((story) => ({ story, worth: score(story, words) })).filter((hit) => hit.worth > 0);
  hits.sort((a, b) => b.worth - a.worth);
  results.replaceChildren(...hits.slice(0, MOST_SHOWN).map((hit) => makeItem(hit.story)));
  tell(hits.length);
}

/* Other addresses in the page, such as that of the skip link, ask nothing. */
function takeHash() {
  if (location.hash && !location.hash.startsWith(ASKED)) return;
  try {
    query.value = decodeURIComponent(location.hash.slice(ASKED.length));
  } catch {
    query.value = "";
  }
  show();
}

query.addEventListener("input", () => {
  history.replaceState(null, "", ASKED + encodeURIComponent(query.value));
  show();
});
window.addEventListener("hashchange", takeHash);
box.hidden = false;
takeHash();
query.focus();
if (location.protocol !== "file:") {
  fetch(box.dataset.root + "search.json")
    .then((reply) => reply.json())
    .then((index) => {
      stories = index.map(readStory);
      show();
    })
    .catch(() => {});
}
