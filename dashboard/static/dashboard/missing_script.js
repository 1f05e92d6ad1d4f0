// Says so where a script of the page cannot be loaded, and loads the page again, once: while a site is upgraded, a page of
// one version may ask a server of the other for its scripts. This one is served under its plain name by both.
(() => {
    const KEY = "avatar.reloaded";
    const AGAIN_AFTER = 30_000;

    const say = (text) => {
        const notice = document.createElement("p");
        notice.className = "notice notice--warning";
        notice.setAttribute("role", "alert");
        notice.textContent = text;
        (document.getElementById("main") ?? document.body).prepend(notice);
    };

    const onError = ({ target }) => {
        if (!(target instanceof HTMLScriptElement)) return;
        removeEventListener("error", onError, true);
        const last = Number(sessionStorage.getItem(KEY));
        if (Date.now() - last > AGAIN_AFTER) {
            sessionStorage.setItem(KEY, String(Date.now()));
            say("A script of this page is missing; the page is loaded again. Is the site being upgraded?");
            setTimeout(() => location.reload(), 2_000);
        } else {
            say("A script of this page is missing, so it shows nothing. Load it again in a minute.");
        }
    };
    addEventListener("error", onError, true);
})();
