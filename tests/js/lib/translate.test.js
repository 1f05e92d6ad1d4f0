import assert from "node:assert/strict";
import { test } from "node:test";

import { gettext, ngettext } from "../../../dashboard/static/avatar_monitoring/lib/translate.js";

test("facts take their places in a sentence, wherever they are and however often", () => {
    assert.equal(gettext("%(a)s of %(b)s, %(a)s", { a: 1, b: "two" }), "1 of two, 1");
    assert.equal(gettext("limit %(value)s", { value: "$& %(value)s" }), "limit $& %(value)s");
    assert.equal(gettext("%(value)s", { value: null }), "null");
});

test("a place without a fact is left as it is", () => {
    assert.equal(gettext("%(count)s in %(time)s", { count: 3 }), "3 in %(time)s");
    assert.equal(gettext("100 %(count)s"), "100 %(count)s");
});

test("each language has its own order of facts", (t) => {
    t.after(() => delete globalThis.django);
    assert.equal(gettext("%(used)s of %(total)s", { used: 1, total: 2 }), "1 of 2");
    globalThis.django = { gettext: (sentence) => (sentence === "%(used)s of %(total)s" ? "%(total)s 중 %(used)s" : sentence), ngettext: (one, many, amount) => (amount === 1 ? one : many) };
    assert.equal(gettext("%(used)s of %(total)s", { used: 1, total: 2 }), "2 중 1");
    assert.equal(ngettext("%(count)s byte", "%(count)s bytes", 2, { count: 2 }), "2 bytes");
});
