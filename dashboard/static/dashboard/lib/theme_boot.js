// Loaded before the first paint, so that a chosen theme does not flash the other one. Not a module: modules run later.
try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch (error) {
    console.info("The theme is not remembered: this browser keeps no local storage.", error.name);
}
