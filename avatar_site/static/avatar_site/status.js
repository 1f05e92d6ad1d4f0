// Shows the state of the connection at the top of the page.

import { countdown, describe, isAway } from "../avatar_monitoring/lib/connection.js";
import { pageTitle } from "../avatar_monitoring/lib/title.js";
import { gettext, gettext_noop } from "../avatar_monitoring/lib/translate.js";
import { setText } from "../avatar_monitoring/lib/element.js";

const byId = (id) => document.getElementById(id);
const OWN_WORDS = {
    replaced: gettext_noop("This avatar is used in another window."),
    forbidden: gettext_noop("The server does not allow this page to connect."),
    refused: gettext_noop("The server refused this avatar."),
};
let timer = null;

/** `reason` is the server's last error message before it closed the connection. */
export function showStatus(state, reason, name) {
    pageTitle.away(isAway(state, pageTitle.isAway));
    const { pill, text, kind, retry = false, login = false } = describe(state);
    const shown = ownWords(state, name) ?? text;
    byId("connection").dataset.state = kind;
    // The room is shown as it was until the server tells it again.
    byId("stage-box").classList.toggle("stage--away", state.name !== "live");
    setText(byId("connection-text"), pill);
    byId("banner").hidden = shown === "" || state.name === "closed";
    byId("banner").dataset.state = kind;
    setText(byId("banner-text"), [shown, state.name === "refused" ? reason : ""].join(" ").trim());
    byId("banner-retry").hidden = !retry;
    byId("banner-login").hidden = !login;
    clearInterval(timer);
    setText(byId("banner-count"), "");
    if (state.name !== "waiting") return;
    const tick = () => setText(byId("banner-count"), countdown(state.retryAt, Date.now()));
    timer = setInterval(tick, 500);
    tick();
}

function ownWords(state, name) {
    if (state.name === "waiting" && state.code === 4409) {
        return gettext("The name %(name)s is in use. Choose another one, or wait until it is free.", { name });
    }
    return OWN_WORDS[state.name] && gettext(OWN_WORDS[state.name]);
}
