// Reloads the page, once, if one of its scripts is missing or the server is of another version. While a site is upgraded, a
// page of one version may ask a server of the other for scripts or messages. This script's address is the same in all versions.
// It is the first script, so it also takes away the notice that none has loaded.
(() => {
    document.documentElement.dataset.scripts = "";
    addEventListener("DOMContentLoaded", () => document.getElementById("scripts-missing")?.remove());

    const KEY = "avatar_reloaded";
    const AGAIN_AFTER = 30_000;
    let said = false;

    // Without the catalogue, which may be what is missing, texts stay English.
    const gettext = (text) => globalThis.django?.gettext?.(text) ?? text;

    const say = (text) => {
        const notice = document.createElement("p");
        notice.className = "notice notice--warning";
        notice.setAttribute("role", "alert");
        notice.textContent = text;
        (document.getElementById("main") ?? document.body).prepend(notice);
    };

    const reloadIfThere = async () => {
        const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
        if (answer?.ok) location.reload();
    };

    // Where the browser keeps nothing, the page could be reloaded for ever: then it is not reloaded at all.
    const mayReload = () => {
        try {
            const last = Number(sessionStorage.getItem(KEY)) || 0;
            sessionStorage.setItem(KEY, String(Date.now()));
            return Date.now() - last > AGAIN_AFTER;
        } catch {
            return false;
        }
    };

    const reload = (why) => {
        if (said) return;
        said = true;
        if (mayReload()) {
            say(`${why} ${gettext("The page is being reloaded. The site may be in the middle of an upgrade.")}`);
            setTimeout(() => location.reload(), 2_000);
        } else {
            // Nobody stands at a screen on a wall who could.
            if ("kiosk" in document.documentElement.dataset) setInterval(reloadIfThere, AGAIN_AFTER);
            say(`${why} ${gettext("It may show nothing. Reload it in a minute. If this stays, run manage.py collectstatic.")}`);
        }
    };

    addEventListener("error", ({ target }) => target instanceof HTMLScriptElement && reload(gettext("A script of this page is missing.")), true);
    addEventListener("avatar:other-version", () => reload(gettext("This page and the server are of different versions.")));
})();
