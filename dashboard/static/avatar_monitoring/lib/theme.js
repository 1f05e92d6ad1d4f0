// The theme: automatic, light or dark. Each browser remembers its own, and charts redraw when it changes.

const THEMES = ["auto", "light", "dark"];
const NAMES = { auto: "automatic", light: "light", dark: "dark" };
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
        button.setAttribute("aria-label", `Theme: ${NAMES[theme]}`);
        button.title = `Theme: ${NAMES[theme]} (d)`;
        for (const listener of listeners) listener();
    };
    const toggle = () => {
        const theme = nextTheme(root.dataset.theme ?? "auto");
        remember(theme);
        show(theme);
    };
    show(root.dataset.theme ?? "auto");
    button.addEventListener("click", toggle);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(root.dataset.theme ?? "auto"));
    return toggle;
}

function remember(theme) {
    try {
        localStorage.setItem("avatar_theme", theme);
    } catch (error) {
        console.info("The theme cannot be saved: local storage is not available.", error.name);
    }
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
