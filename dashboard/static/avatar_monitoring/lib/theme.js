// The theme: automatic, light or dark. Each browser remembers its own, and charts redraw when it changes.

import { forGood } from "./browser_store.js";
import { gettext, gettext_noop } from "./translate.js";

const THEMES = ["auto", "light", "dark"];
const NAMES = { auto: gettext_noop("automatic"), light: gettext_noop("light"), dark: gettext_noop("dark") };
const listeners = new Set();

export function onThemeChange(listener) {
    listeners.add(listener);
}

function nextTheme(theme) {
    return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
}

export function startTheme(button) {
    const root = document.documentElement;
    const show = (theme) => {
        if (theme === "auto") delete root.dataset.theme;
        else root.dataset.theme = theme;
        const name = gettext("Theme: %(name)s", { name: gettext(NAMES[theme]) });
        button.setAttribute("aria-label", name);
        button.title = `${name} (d)`;
        for (const listener of listeners) listener();
    };
    const toggle = () => {
        const theme = nextTheme(root.dataset.theme ?? "auto");
        forGood.write("avatar_theme", theme);
        show(theme);
    };
    show(root.dataset.theme ?? "auto");
    button.addEventListener("click", toggle);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(root.dataset.theme ?? "auto"));
    return toggle;
}

/** The colour of a CSS variable in the present theme, in a form that a canvas understands. */
export function color(variable) {
    const probe = document.createElement("span");
    probe.style.color = `var(${variable})`;
    document.body.append(probe);
    const resolved = getComputedStyle(probe).color;
    probe.remove();
    return resolved;
}
