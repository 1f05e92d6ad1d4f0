// Opens the viewer's connection. It is a page's first script: what the server says meanwhile is kept for the scripts after it.

import { readableProtocols } from "./inflate.js";
import { readJSON } from "./element.js";
import { ReturningSocket, socketURL, whyRefused } from "./socket.js";

const VERSION = 1;

/** Whether this page can read the server's messages: during an upgrade one may be of a later release than the other. */
export function isReadable(message) {
    return (message.version ?? VERSION) === VERSION;
}

export const viewerSocket = new ReturningSocket({ url: socketURL(readJSON("config").ws_path), protocols: readableProtocols(), whyRefused });

viewerSocket.open();
