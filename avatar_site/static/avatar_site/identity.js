// The avatar's name and room: from the address, from the last visit, or random. Pure, except for the
// BrowserStore that is passed in.

const ALLOWED = /^[A-Za-z0-9._:-]{1,64}$/;
export const DEFAULT_ROOM = "lobby";

export function isAllowed(text) {
    return typeof text === "string" && ALLOWED.test(text);
}

/** The parameters of an address that name no avatar or room: [[parameter, text]]. */
export function wrongInAddress(query) {
    const parameters = new URLSearchParams(query);
    const given = ["client_id", "name", "room"].filter((parameter) => parameters.has(parameter));
    return given.map((parameter) => [parameter, parameters.get(parameter)]).filter(([, text]) => !isAllowed(text));
}

/** The page's address for an identity: the room is always in it, and a name only as long as it is the address's own. */
export function addressOf({ name, room }, query) {
    const parameters = new URLSearchParams(query);
    for (const parameter of ["client_id", "name"]) if (parameters.get(parameter) !== name) parameters.delete(parameter);
    parameters.set("room", room);
    return `?${parameters}`;
}

/** `{name, room}`. A name that the server assigned takes precedence. */
export function chooseIdentity({ given, query, remembered, random = Math.random }) {
    const parameters = new URLSearchParams(query);
    const made = `avatar-${Math.floor(random() * 36 ** 5).toString(36).padStart(5, "0")}`;
    const name = given ?? [parameters.get("client_id"), parameters.get("name"), remembered?.name, made].find(isAllowed);
    const room = [parameters.get("room"), remembered?.room, DEFAULT_ROOM].find(isAllowed);
    return { name, room };
}

export function recall(store) {
    return store.readJSON("avatar") ?? undefined;
}

export function remember(identity, store) {
    store.write("avatar", JSON.stringify(identity));
}

const GREETED = "avatar.greeted";

/** Whether this browser sees the page for the first time; asked again, it does not. */
export function isFirstVisit(store) {
    const isFirst = store.read(GREETED) === null;
    store.write(GREETED, "1");
    return isFirst;
}

const TOKEN = "avatar.resume";

/** The token of the last `welcome` in this window, if it was for the same name and room. */
export function keptToken({ name, room }, store) {
    const kept = store.readJSON(TOKEN);
    return kept?.name === name && kept.room === room && typeof kept.token === "string" ? kept.token : undefined;
}

/** Keeps the token for this window, which may be reloaded before the server notices that it was gone. */
export function keepToken({ name, room }, token, store) {
    store.write(TOKEN, JSON.stringify({ name, room, token }));
}
