import assert from "node:assert/strict";
import { test } from "node:test";

import { BrowserStore } from "../../../dashboard/static/avatar_monitoring/lib/browser_store.js";
import { DesktopNotifications, notesOf } from "../../../dashboard/static/avatar_monitoring/lib/desktop.js";

const group = (rule) => ({ rule, severity: "warning", count: 1, text: `${rule} is high` });

function browserWith(permission, asked = permission) {
    const shown = [];
    const Notification = class {
        static permission = permission;
        static async requestPermission() {
            Notification.permission = asked;
            return asked;
        }
        constructor(title, options) {
            shown.push([title, options.body, options.tag]);
        }
    };
    const kept = new Map();
    const store = new BrowserStore(() => ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) }));
    const page = { hidden: true };
    return { shown, page, store, notifications: new DesktopNotifications({ store, browser: { Notification }, page }) };
}

test("nothing is told until the reader asks for it, and nothing after that is refused", async () => {
    const { notifications, shown } = browserWith("default", "denied");
    assert.equal(await notifications.toggle(), false);
    notifications.tell([group("cpu")]);
    assert.deepEqual(shown, []);
    assert.equal(notifications.isBlocked, true);
});

test("a group is told once, when it begins to wait", async () => {
    const { notifications, shown } = browserWith("default", "granted");
    notifications.begin([group("old")]);
    assert.equal(await notifications.toggle(), true);
    notifications.tell([group("old"), group("cpu")], 1_000);
    notifications.tell([group("old"), group("cpu")], 2_000);
    assert.deepEqual(shown, [["Warning alert", "cpu is high", "avatar-cpu"]]);
});

test("a group that comes and goes is told once a minute at most", async () => {
    const { notifications, shown } = browserWith("granted");
    await notifications.toggle();
    for (const now of [0, 10_000, 20_000, 30_000, 61_000]) notifications.tell(now % 20_000 === 10_000 ? [] : [group("cpu")], now);
    assert.equal(shown.length, 2);
});

test("while the page is seen nothing is told, and what was seen is no news later", async () => {
    const { notifications, shown, page } = browserWith("granted");
    await notifications.toggle();
    page.hidden = false;
    notifications.tell([group("cpu")]);
    page.hidden = true;
    notifications.tell([group("cpu")]);
    assert.deepEqual(shown, []);
});

test("the browser is not asked for its permission with each frame", () => {
    const browser = { Notification: class { static get permission() { return assert.fail("asked"); } } };
    const notifications = new DesktopNotifications({ storage: new Map(), browser, page: { hidden: true } });
    notifications.begin([group("cpu")]);
    notifications.tell([group("cpu")]);
});

test("many groups at once are one notification", () => {
    const [note, ...others] = notesOf(["a", "b", "c", "d"].map(group));
    assert.deepEqual([note.title, note.tag, others.length], ["4 kinds of alerts", "avatar-many", 0]);
});

test("it is kept in the browser, and can be switched off", async () => {
    const { notifications, store } = browserWith("granted");
    assert.equal(await notifications.toggle(), true);
    assert.equal(store.read("avatar_desktop_notifications"), "on");
    assert.equal(await notifications.toggle(), false);
});

test("a browser without notifications has none", () => {
    const notifications = new DesktopNotifications({ browser: {}, page: {} });
    assert.deepEqual([notifications.isPossible, notifications.isOn, notifications.isBlocked], [false, false, false]);
});
