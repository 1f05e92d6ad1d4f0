// Opens the viewer's connection. This is a page's first script: messages are kept until the other scripts are loaded.

import { readableProtocols } from "./inflate.js";
import { readJSON } from "./element.js";
import { ReturningSocket, socketURL, whyRefused } from "./socket.js";

const VERSION = 1;

/** Whether this page understands the server's messages. During an upgrade, one may be of a later release than the other. */
export function isReadable(message) {
    return (message.version ?? VERSION) === VERSION;
}

export const viewerSocket = new ReturningSocket({ url: socketURL(readJSON("config").ws_path), protocols: readableProtocols(), whyRefused });

viewerSocket.open();
