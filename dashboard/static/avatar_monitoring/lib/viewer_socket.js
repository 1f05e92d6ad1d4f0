// Opens the viewer's connection. This is a page's first script: messages are kept until the other scripts are loaded.

import { readableProtocols } from "./inflate.js";
import { readJSON } from "./element.js";
import { ReturningSocket, socketURL } from "./socket.js";
import { whyUnreachable } from "./diagnosis.js";

const VERSION = 1;

/** Whether this page understands the server's messages. During an upgrade, one may be of a later release than the other. */
export function isReadable(message) {
    return (message.version ?? VERSION) === VERSION;
}

const { ws_path: path, client_id: client } = readJSON("config");
let isBlocked = false;

document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    if (effectiveDirective === "connect-src" && blockedURI.startsWith("ws")) isBlocked = true;
});

export const viewerSocket = new ReturningSocket({
    url: socketURL(path, client === undefined ? {} : { client }),
    protocols: readableProtocols(),
    whyRefused: () => whyUnreachable(path, { isBlocked: () => isBlocked }),
});

viewerSocket.open();
