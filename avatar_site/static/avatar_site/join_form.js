// The form with one's own name and room. What is not allowed is named, with its value.

import { gettext } from "../avatar_monitoring/lib/translate.js";
import { isAllowed } from "./identity.js";
import { setText } from "../avatar_monitoring/lib/element.js";

const byId = (id) => document.getElementById(id);

/** `onJoin({name, room})` is called with what is allowed. */
export function startJoinForm(onJoin) {
    byId("join-form").addEventListener("submit", (event) => {
        event.preventDefault();
        const given = { name: byId("name").value.trim(), room: byId("room").value.trim() };
        const wrong = Object.entries(given).filter(([, text]) => !isAllowed(text));
        showWrong(wrong);
        if (wrong.length > 0) byId(wrong[0][0]).focus();
        else onJoin(given);
    });
}

export function showIdentity({ name, room }) {
    byId("name").value = name;
    byId("room").value = room;
}

/** `wrong` [[parameter, text]], none if all is well. */
export function showWrong(wrong) {
    for (const id of ["name", "room"]) byId(id).setAttribute("aria-invalid", String(wrong.some(([parameter]) => parameter === id)));
    const sentences = wrong.map(([parameter, text]) => gettext("%(parameter)s=%(value)s: use 1 to 64 of A-Z a-z 0-9 . _ : -", { parameter, value: JSON.stringify(text.slice(0, 80)) }));
    setText(byId("join-error"), sentences.join(" "));
}
