import assert from "node:assert/strict";
import { test } from "node:test";

import { aboutText, buttonText, outcomeText, problemText } from "../../../dashboard/static/avatar_monitoring/clients/disconnect.js";

const outcomes = (...found) => found.map((outcome) => ({ outcome }));

test("the button says how many are chosen, on the page of one client only if there are several", () => {
    assert.deepEqual([buttonText(3, false), buttonText(1, false), buttonText(1, true), buttonText(2, true)], ["Disconnect 3", "Disconnect 1", "Disconnect", "Disconnect 2"]);
});

test("the dialog names the first three clients", () => {
    const targets = ["ann", "ben", "cat", "dan", "eve"].map((client_id) => ({ client_id, node: "web:1" }));
    assert.equal(aboutText(targets.slice(0, 2)), "ann on web:1, ben on web:1");
    assert.equal(aboutText(targets), "ann on web:1, ben on web:1, cat on web:1 and 2 more");
});

test("a name cannot turn the direction of the sentence around it", () => {
    assert.doesNotMatch(aboutText([{ client_id: "ann\u202eben", node: "web:1" }]), /\u202e/);
});

test("it says what came of it", () => {
    assert.equal(outcomeText(outcomes("disconnected")), "1 client disconnected");
    assert.equal(outcomeText(outcomes("disconnected", "disconnected", "not connected")), "2 clients disconnected, 1 client was not connected any more");
    assert.equal(outcomeText(outcomes("no answer")), "1 client is unknown: not every node answered within 3 s");
    assert.equal(outcomeText(outcomes("not closed", "not closed")), "2 clients could not be closed by their servers");
    assert.equal(outcomeText([]), "");
});

test("it says why it was refused", () => {
    assert.equal(problemText(400, { error: "reason: must be at most 200 characters" }), "reason: must be at most 200 characters");
    assert.match(problemText(403), /may not disconnect/);
    assert.match(problemText(502), /answered 502/);
});
