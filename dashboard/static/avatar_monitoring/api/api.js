// The page that describes the API: its search, and the language of its examples.

import { forGood } from "../lib/browser_store.js";
import { gettext, ngettext } from "../lib/translate.js";
import { fragmentOf, matching } from "./search.js";
import { onKey } from "../lib/keyboard.js";
import { setText } from "../lib/element.js";

const LANGUAGE = "avatar_api_language";
const field = document.getElementById("search");
const sections = [...document.querySelectorAll("#sections > section")];
const parts = sections.map((section) => ({ id: section.id, text: section.textContent.toLowerCase() }));
const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));

function search() {
    const found = matching(parts, field.value);
    for (const section of sections) section.hidden = !found.has(section.id);
    for (const [id, link] of links) link.closest("li").hidden = !found.has(id);
    for (const list of document.querySelectorAll(".contents ul")) {
        const isEmpty = ![...list.children].some((line) => !line.hidden);
        list.hidden = isEmpty;
        if (list.previousElementSibling?.tagName === "H2") list.previousElementSibling.hidden = isEmpty;
    }
    const text = ngettext("%(found)s part contains it", "%(found)s parts contain it", found.size, { found: found.size });
    setText(document.getElementById("found"), field.value.trim() === "" ? "" : found.size === 0 ? gettext("Nothing here contains “%(words)s”", { words: field.value.trim() }) : text);
    const address = new URL(location.href);
    if (field.value.trim() === "") address.searchParams.delete("search");
    else address.searchParams.set("search", field.value.trim());
    if (address.href !== location.href) history.replaceState(history.state, "", address);
}

/** What a link leads to is shown, whatever the search leaves out. */
function reveal() {
    const target = document.getElementById(fragmentOf(location.hash));
    if (!target?.hidden) return;
    field.value = "";
    search();
    target.scrollIntoView();
}

function choose(language) {
    for (const example of document.querySelectorAll("[data-language]")) example.hidden = example.dataset.language !== language;
    for (const button of document.querySelectorAll("[data-choose]")) button.setAttribute("aria-pressed", String(button.dataset.choose === language));
}

/** The other examples change their height too: the one that the reader looks at stays where it is. */
function chooseHere(button) {
    const before = button.getBoundingClientRect().top;
    choose(button.dataset.choose);
    scrollBy(0, button.getBoundingClientRect().top - before);
    forGood.write(LANGUAGE, button.dataset.choose);
}

const languages = [...new Set([...document.querySelectorAll("[data-choose]")].map((button) => button.dataset.choose))];
choose(languages.find((language) => language === forGood.read(LANGUAGE)) ?? languages[0]);
for (const button of document.querySelectorAll("[data-choose]")) button.addEventListener("click", () => chooseHere(button));
field.addEventListener("input", search);
field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || field.value === "") return;
    event.preventDefault();
    field.value = "";
    search();
});
onKey("/", () => field.focus());
addEventListener("hashchange", reveal);
field.value = new URLSearchParams(location.search).get("search") ?? "";
search();
reveal();
