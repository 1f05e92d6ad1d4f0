// Automatic, light or dark: remembered per browser, and told to charts, which draw with the same colours.

const THEMES = ["auto", "light", "dark"];
const NAMES = { auto: "automatic", light: "light", dark: "dark" };
const listeners = new Set();

export function onThemeChange(listener) {
    listeners.add(listener);
}

export function nextTheme(theme) {
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
        localStorage.setItem("theme", theme);
    } catch (error) {
        console.info("The theme is not remembered: this browser keeps no local storage.", error.name);
    }
}

/** A variable's colour as the canvas understands it, in the theme that shows now. */
export function color(variable) {
    const probe = document.createElement("span");
    probe.style.color = `var(${variable})`;
    document.body.append(probe);
    const resolved = getComputedStyle(probe).color;
    probe.remove();
    return resolved;
}
