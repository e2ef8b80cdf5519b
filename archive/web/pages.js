// The pages of a report: the index, groups 200 a page, and the files that are no pictures.
import { bytesText, groupCard, summaryOf } from "./cards.js";
import { Comparer } from "./compare.js";
import { button, element, part } from "./dom.js";
import { filterBar, hashOf, passes, readFilters } from "./filters.js";
import { plural } from "./words.js";

const AT_ONCE = 200; // rows drawn at a time
const data = window.genloss;
const main = part("main");

const pageOf = (number) => data.pages.findIndex(([first, last]) => first <= number && number <= last) + 1;
const count = (number) => number.toLocaleString("en-GB");
const address = (page, group, filters) => `groups-${page}.html${hashOf(filters, group)}`;

// Draws AT_ONCE rows at a time. make: gives the element of a row.
function inPieces(list, rows, make) {
  const more = button("button more", "", () => draw());
  let done = 0;
  function draw() {
    list.append(...rows.slice(done, done + AT_ONCE).map(make));
    done = Math.min(rows.length, done + AT_ONCE);
    more.hidden = done === rows.length;
    more.textContent = `Show ${count(Math.min(AT_ONCE, rows.length - done))} more of ${count(rows.length - done)}`;
  }
  list.replaceChildren();
  draw();
  return more;
}

function card(figure, text, href) {
  const made = element(href ? "a" : "div", "total", element("b", "", figure), element("span", "", text));
  if (href) made.href = href;
  return made;
}

function showIndex() {
  const { totals, index } = data;
  const cards = [
    card(count(totals.files), `files, ${count(totals.pictures)} of them pictures`), card(count(totals.groups), "groups of related files"),
    card(bytesText(totals.freed), `would be freed by putting ${plural(totals.acted, "file")} away`), card(count(totals.review), "copies for you to look at"),
    card(count(totals.broken), "broken", data.problems && "files.html"),
    card(count(totals.no_pictures), totals.no_pictures === 1 ? "no picture" : "no pictures", data.problems && "files.html"),
  ];
  if (totals.left_out) cards.push(card(count(totals.left_out), "left out, such as links", data.problems && "files.html"));
  if (totals.hidden) cards.push(card(bytesText(totals.hidden), `without information, in ${plural(totals.disguised, "JPEG")} in disguise`));
  if (totals.plain) cards.push(card(count(totals.plain), "too plain or too small to tell"));
  main.append(element("div", "totals", ...cards));
  if (totals.example) main.append(element("p", "note", `${totals.example}. Among the files of groups, those without loss were looked at; sizes are those of a JPEG saved anew at that quality.`));
  main.append(element("p", "note", `Scanned: ${totals.roots.join(", ")}. Plan ${totals.plan}, ${totals.created}. Nothing was changed; the plan acts only when you run genloss apply.`));
  if (!index.length) {
    main.append(element("p", "nothing", "No two files are related."));
    return;
  }
  const list = element("ol", "rows");
  const places = element("nav", "pages");
  let more = null;
  const { bar, say } = filterBar((filters) => {
    const found = index.filter((one) => passes(one, filters));
    more?.remove();
    more = inPieces(list, found, (one) => indexRow(one, filters));
    list.after(more);
    say(found.length === index.length ? plural(found.length, "group") : `${count(found.length)} of ${plural(index.length, "group")}`);
    places.replaceChildren(...pageLinks(filters, 0));
  });
  main.append(element("h2", "list-title", "Groups"), bar, places, list);
}

function indexRow(one, filters) {
  const image = one.small ? Object.assign(element("img"), { src: one.small, alt: "", loading: "lazy", decoding: "async" }) : element("span", "none", "no picture");
  const link = Object.assign(element("a", "row", element("span", "row-picture", image),
    element("span", "row-words", element("b", "", one.name), element("span", "claims", summaryOf(one)), one.hidden ? element("span", "claims", `${bytesText(one.hidden)} without information`) : ""),
    element("span", "row-number", String(one.number))), { href: address(pageOf(one.number), one.number, filters) });
  const item = element("li", "", link);
  item.dataset.state = one.state;
  return item;
}

function pageLinks(filters, current) {
  if (data.pages.length < 2 && !current) return [];
  return data.pages.map(([first, last], index) => {
    const link = element("a", "page-link", first === last ? String(first) : `${first}–${last}`);
    if (index + 1 === current) link.setAttribute("aria-current", "page");
    else link.href = address(index + 1, 0, filters);
    return link;
  });
}

function showGroups() {
  const { groups, page, pages } = data;
  part("title").textContent = `Groups ${pages[page - 1].join(" to ")} of ${pages.at(-1)[1]}`;
  for (const group of groups) {
    group.folders = [...new Set(group.members.map(({ folder }) => folder))];
    group.kinds = [...new Set(group.members.map(({ relation }) => relation).filter(Boolean))];
  }
  const viewer = openable(groups);
  const cards = groups.map((group) => groupCard(group, "", viewer));
  const places = [element("nav", "pages"), element("nav", "pages")];
  const wanted = readFilters().group;
  const { bar, say } = filterBar((filters) => {
    const shown = groups.map((group) => passes(group, filters) || group.number === filters.group);
    cards.forEach((one, index) => { one.hidden = !shown[index]; });
    const n = shown.filter(Boolean).length;
    say(n === groups.length ? plural(n, "group") : `${n} of ${plural(groups.length, "group")} on this page`);
    for (const place of places) place.replaceChildren(Object.assign(element("a", "page-link", "Index"), { href: `index.html${hashOf(filters)}` }), ...pageLinks(filters, page));
    for (const link of document.querySelectorAll("[data-keeps-filters]")) link.href = `index.html${hashOf(filters)}`;
  });
  main.append(places[0], bar, element("div", "groups", ...cards), places[1]);
  if (wanted) goTo(part(`group-${wanted}`));
}

// Scrolls to a card, several times: cards above get their layout only when they come into sight, and move the card.
function goTo(card, times = 4) {
  card?.scrollIntoView();
  if (times > 1) requestAnimationFrame(() => setTimeout(() => goTo(card, times - 1)));
}

// Prepares the viewer over the whole page; returns a function that opens it.
function openable() {
  const viewer = part("viewer");
  let opener = null;
  const comparer = new Comparer("", () => {});
  viewer.classList.add("full");
  function close() {
    if (viewer.hidden) return;
    viewer.hidden = true;
    document.body.classList.remove("behind");
    for (const behind of document.querySelectorAll("[data-behind]")) behind.inert = false;
    opener?.focus({ preventScroll: true });
  }
  part("close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  return (group, member) => {
    opener = document.activeElement;
    viewer.hidden = false;
    document.body.classList.add("behind");
    for (const behind of document.querySelectorAll("[data-behind]")) behind.inert = true;
    comparer.show(group, member);
    part("stage").focus({ preventScroll: true });
  };
}

const STATUSES = { broken: "broken", no_picture: "no picture", left_out: "left out" };

function showFiles() {
  const list = element("tbody");
  const table = element("table", "files", element("thead", "", element("tr", "", ...["file", "what", "why"].map((text) => element("th", "", text)))), list);
  const more = inPieces(list, data.files, ({ status, name, folder, size, message, code }) => element("tr", "",
    element("td", "", element("b", "", name), element("span", "claims", folder)), element("td", "", STATUSES[status]),
    element("td", "", `${message} `, element("code", "", code), size === null ? "" : element("span", "claims", bytesText(size)))));
  main.append(element("p", "note", `${plural(data.files.length, "file")}. None of them is ever touched, kept instead of another, or put away.`), table, more);
}

part("footer").append(element("p", "", "Made by genloss scan --report. These pages load nothing from anywhere else."));
({ index: showIndex, groups: showGroups, files: showFiles })[document.body.dataset.page]();
