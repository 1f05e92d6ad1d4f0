// Sets the chosen theme before the first paint, so that the other one never flashes up. Not a module: modules run too late.
try {
    const theme = localStorage.getItem("avatar_theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch (error) {
    console.info("The theme cannot be read: local storage is not available.", error.name);
}
