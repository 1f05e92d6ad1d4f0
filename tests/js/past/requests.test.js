import assert from "node:assert/strict";
import { test } from "node:test";

import { LatestOnly } from "../../../dashboard/static/avatar_monitoring/past/requests.js";

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test("of several requests at once, the first and the last are sent", async () => {
    const asked = [];
    const answers = [];
    const latest = new LatestOnly({ ask: async (question) => (asked.push(question), question), onAnswer: (answer) => answers.push(answer), onFailed() {} });
    for (const question of [1, 2, 3]) latest.want(question);
    await settled();
    assert.deepEqual([asked, answers], [[1, 3], [1, 3]]);
});

test("the answer to a dropped request is ignored", async () => {
    const answers = [];
    const latest = new LatestOnly({ ask: async (question) => question, onAnswer: (answer) => answers.push(answer), onFailed() {} });
    latest.want(1);
    latest.forget();
    await settled();
    latest.want(2);
    await settled();
    assert.deepEqual(answers, [2]);
});

test("a failed request does not stop the next one", async () => {
    const told = [];
    const latest = new LatestOnly({
        ask: async (question) => { if (question === 1) throw new Error("no"); return question; },
        onAnswer: (answer) => told.push(answer),
        onFailed: (error, question) => told.push(`${error.message} ${question}`),
    });
    latest.want(1);
    latest.want(2);
    await settled();
    assert.deepEqual(told, ["no 1", 2]);
});
