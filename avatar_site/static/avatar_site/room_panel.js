// The panels beside the stage: the rooms, who is in this one, and what was said.

import { count } from "../avatar_monitoring/lib/format.js";
import { element, setAttribute, setText, sized } from "../avatar_monitoring/lib/element.js";
import { gettext, ngettext } from "../avatar_monitoring/lib/translate.js";
import { hueOf } from "./pose.js";

const MOST_SAID = 50;
const byId = (id) => document.getElementById(id);

/** The rooms to show: those that the server told, and one's own, which it may not list. `avatars` is null if it is not known. */
export function roomsToShow(told, own, people) {
    const listed = told?.rooms ?? [];
    if (listed.some(({ room }) => room === own)) return listed;
    return [{ room: own, avatars: people }, ...listed];
}

export function showRooms(told, own, people, onJoin) {
    const rooms = roomsToShow(told, own, people);
    const lines = sized(byId("rooms"), rooms.length, () => {
        const button = element("button", { type: "button", class: "room-button" }, element("bdi"), element("span", { class: "room-button__count" }));
        button.addEventListener("click", () => onJoin(button.dataset.room));
        return element("li", {}, button);
    });
    rooms.forEach(({ room, avatars }, index) => {
        const [button] = lines[index].children;
        button.dataset.room = room;
        if (room === own) setAttribute(button, "aria-current", "true");
        else button.removeAttribute("aria-current");
        setText(button.firstElementChild, room);
        setText(button.lastElementChild, ngettext("%(avatars)s avatar", "%(avatars)s avatars", avatars, { avatars: count(avatars) }));
    });
    const more = told && told.rooms_total > told.rooms.length;
    byId("rooms-more").hidden = !more;
    if (more) setText(byId("rooms-more"), gettext("The %(shown)s fullest of %(all)s rooms", { shown: count(told.rooms.length), all: count(told.rooms_total) }));
}

export function showPeople(own, others) {
    const names = [own, ...[...others].sort()];
    const lines = sized(byId("people"), names.length, () => element("li", {}, element("span", { class: "people__dot" }), element("bdi")));
    names.forEach((name, index) => {
        lines[index].firstElementChild.style.background = `hsl(${hueOf(name)} 55% 55%)`;
        setText(lines[index].lastElementChild, index === 0 ? gettext("%(name)s (you)", { name }) : name);
    });
    setText(byId("people-count"), count(names.length));
    byId("alone").hidden = names.length > 1;
}

/** Adds what somebody said, which screen readers read too. The oldest of many lines goes. */
export function addSaid(name, text) {
    const log = byId("said");
    const wasAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    log.append(element("p", {}, element("bdi", { class: "said__name", text: name }), " ", element("bdi", { text })));
    while (log.children.length > MOST_SAID) log.firstElementChild.remove();
    if (wasAtEnd) log.scrollTop = log.scrollHeight;
}
