// The avatar's name and room: from the address, from the last visit, or random.

const ALLOWED = /^[A-Za-z0-9._:-]{1,64}$/;
export const DEFAULT_ROOM = "lobby";

export function isAllowed(text) {
    return typeof text === "string" && ALLOWED.test(text);
}

/** `{name, room}`. A name that the server assigned takes precedence. */
export function chooseIdentity({ given, query, remembered, random = Math.random }) {
    const parameters = new URLSearchParams(query);
    const made = `avatar-${Math.floor(random() * 36 ** 5).toString(36).padStart(5, "0")}`;
    const name = given ?? [parameters.get("client_id"), parameters.get("name"), remembered?.name, made].find(isAllowed);
    const room = [parameters.get("room"), remembered?.room, DEFAULT_ROOM].find(isAllowed);
    return { name, room };
}

export function recall() {
    try {
        return JSON.parse(localStorage.getItem("avatar")) ?? undefined;
    } catch {
        return undefined;
    }
}

export function remember(identity) {
    try {
        localStorage.setItem("avatar", JSON.stringify(identity));
    } catch (error) {
        console.info("The name is not remembered: this browser keeps no local storage.", error.name);
    }
}

const TOKEN = "avatar.resume";

/** The token of the last `welcome` in this window, if it was for the same name and room. */
export function keptToken({ name, room }, storage = globalThis.sessionStorage) {
    try {
        const kept = JSON.parse(storage.getItem(TOKEN));
        return kept.name === name && kept.room === room ? kept.token : undefined;
    } catch {
        return undefined;
    }
}

/** Keeps the token for this window, which may be reloaded before the server notices that it was gone. */
export function keepToken({ name, room }, token, storage = globalThis.sessionStorage) {
    try {
        storage.setItem(TOKEN, JSON.stringify({ name, room, token }));
    } catch (error) {
        console.info("The place is not remembered: this browser keeps no session storage.", error.name);
    }
}
