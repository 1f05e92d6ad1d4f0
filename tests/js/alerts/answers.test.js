import assert from "node:assert/strict";
import { test } from "node:test";

import { aboutText, doneText, problemText } from "../../../dashboard/static/avatar_monitoring/alerts/answers.js";

test("who was second learns who was first, and that nothing was changed", () => {
    const text = problemText(409, { error: "x", by: "kim", at: "2026-11-27T09:00:00+00:00" });
    assert.match(text, /^kim has acknowledged this already, at .*2026, .*\. You are not the first, so nothing was changed\.$/);
});

test("other problems are the server's words, or say what to do", () => {
    assert.equal(problemText(409, { error: "This alert is over already." }), "This alert is over already.");
    assert.match(problemText(403), /Reload the page/);
    assert.equal(problemText(500), "The server answered 500. Nothing was changed.");
    assert.equal(problemText(429), "The server answered 429: asked too often, try again in a minute. Nothing was changed.");
});

test("an answer to many says that it is about all that match", () => {
    assert.equal(aboutText({ said: "CPU of vm is 97 %" }), "CPU of vm is 97 %");
    assert.equal(aboutText({ said: "CPU", count: "2001" }), "CPU: all 2,001 firing alerts that match the filter, also those that this page does not list.");
    assert.equal(aboutText({ count: "1" }), "The one firing alert that matches the filter.");
});

test("what was done is counted", () => {
    assert.equal(doneText("Acknowledged", { changed: 1, passed_over: 0 }), "Acknowledged");
    assert.equal(doneText("Acknowledged", { changed: 1200, passed_over: 3 }), "Acknowledged: 1,200 alerts; 3 needed no change");
    assert.equal(doneText("Resolved", { changed: 0, passed_over: 2 }), "Resolved: 0 alerts; 2 needed no change");
});
