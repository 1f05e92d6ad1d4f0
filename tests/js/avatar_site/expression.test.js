import assert from "node:assert/strict";
import { test } from "node:test";

import { blended, EXPRESSIONS, isExpression } from "../../../avatar_site/static/avatar_site/expression.js";

test("moods blend", () => {
    assert.equal(blended(EXPRESSIONS.neutral, "happy", 1).smile, 1);
    assert.equal(blended(EXPRESSIONS.neutral, "happy", 0).smile, EXPRESSIONS.neutral.smile);
    assert.deepEqual([isExpression("happy"), isExpression("toString"), isExpression(5)], [true, false, false]);
});
