// Says so where a script of the page cannot be loaded, or the server is of another version than the page, and loads the page
// again, once: while a site is upgraded, a page of one version may ask a server of the other for its scripts, or for what
// it shows. This one is served under its plain name by both.
(() => {
    const KEY = "avatar.reloaded";
    const AGAIN_AFTER = 30_000;
    let said = false;

    const say = (text) => {
        const notice = document.createElement("p");
        notice.className = "notice notice--warning";
        notice.setAttribute("role", "alert");
        notice.textContent = text;
        (document.getElementById("main") ?? document.body).prepend(notice);
    };

    const loadAgain = (why) => {
        if (said) return;
        said = true;
        const last = Number(sessionStorage.getItem(KEY));
        if (Date.now() - last > AGAIN_AFTER) {
            sessionStorage.setItem(KEY, String(Date.now()));
            say(`${why}; the page is loaded again. Is the site being upgraded?`);
            setTimeout(() => location.reload(), 2_000);
        } else {
            say(`${why}, so it may show nothing. Load it again in a minute.`);
        }
    };

    addEventListener("error", ({ target }) => target instanceof HTMLScriptElement && loadAgain("A script of this page is missing"), true);
    addEventListener("avatar:other-version", () => loadAgain("This page is of another version than the server"));
})();
