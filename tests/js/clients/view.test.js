import assert from "node:assert/strict";
import { test } from "node:test";

import { ariaSort, askedIn, clientURL, firstOrder, isOfClient, isPastSort, keptInPlace, NOTHING_ASKED, queryWith, searchedFor, shownText, sortedBy, turned, viewOf } from "../../../dashboard/static/avatar_monitoring/clients/view.js";

const asked = (values) => ({ ...NOTHING_ASKED, ...values });
const initial = viewOf(NOTHING_ASKED);

test("the view is the protocol's message, without filters that are not wanted", () => {
    assert.deepEqual(initial, { sort: "-message_count", search: "", offset: 0, limit: 100 });
    const view = viewOf(asked({ sort: "fps", search: "ab", verdict: "network", state: "slow", page: 3 }), { rows: 25 });
    assert.deepEqual(view, { sort: "fps", search: "ab", offset: 50, limit: 25, verdict: "network", state: "slow" });
});

test("clients of the past are sorted by what was kept, otherwise by name, and not filtered", () => {
    const past = (values) => viewOf(asked(values), { isPast: true });
    assert.deepEqual(past({ search: "ada", verdict: "network", state: "slow" }), { sort: "client_id", search: "ada", offset: 0, limit: 100 });
    assert.deepEqual([past({ sort: "fps" }).sort, past({ sort: "-jitter_ms" }).sort], ["fps", "client_id"]);
    assert.deepEqual(["connection_duration", "last_message_time", "state", "p95_latency_ms"].map(isPastSort), [true, false, false, true]);
});

test("further connections with the same id belong to the client", () => {
    assert.deepEqual(["ann", "ann#2", "ann#12"].map((id) => isOfClient(id, "ann")), [true, true, true]);
    assert.deepEqual(["anna", "ann#", "ann#b", "bann", "ann#2#3"].map((id) => isOfClient(id, "ann")), [false, false, false, false, false]);
});

test("the first click shows first what may mean trouble, and names from A", () => {
    assert.deepEqual(["fps", "last_message_time", "client_id", "user", "node"].map(firstOrder), ["fps", "last_message_time", "client_id", "user", "node"]);
    assert.deepEqual(["average_latency_ms", "state", "verdict", "messages_per_second"].map(firstOrder), ["-average_latency_ms", "-state", "-verdict", "-messages_per_second"]);
});

test("the second click on a column reverses the order, and each begins at the first page", () => {
    assert.deepEqual(sortedBy(asked({ page: 3 }), "fps", "-message_count"), asked({ sort: "fps" }));
    assert.equal(sortedBy(asked({ sort: "fps" }), "fps", "fps").sort, "-fps");
    assert.equal(sortedBy(asked({ sort: "-fps" }), "fps", "-fps").sort, "fps");
    assert.equal(sortedBy(NOTHING_ASKED, "message_count", "-message_count").sort, "message_count");
    assert.deepEqual([ariaSort(initial, "message_count"), ariaSort({ sort: "fps" }, "fps"), ariaSort(initial, "fps")], ["descending", "ascending", null]);
});

test("a search starts at the first page", () => {
    assert.deepEqual(searchedFor(asked({ page: 2 }), " ab "), asked({ search: "ab" }));
});

test("pages end where the rows end", () => {
    assert.equal(turned(NOTHING_ASKED, 1, 250).page, 2);
    assert.equal(turned(asked({ page: 3 }), 1, 250).page, 3);
    assert.equal(turned(NOTHING_ASKED, -1, 250).page, 1);
    assert.equal(turned(NOTHING_ASKED, 1, 100).page, 1);
    assert.equal(turned(asked({ page: 900 }), -1, 60, 25).page, 3);
    assert.equal(turned(NOTHING_ASKED, 1, 0).page, 1);
});

test("what is asked for is in the address, beside what others keep there", () => {
    const wanted = asked({ sort: "-p95_latency_ms", search: "김 a&b", verdict: "network", state: "low_fps", page: 2 });
    const query = queryWith("?at=2026-11-27T03:12:00Z&page=7&sort=fps", wanted);
    assert.match(query, /^\?at=2026-11-27T03:12:00Z&/);
    assert.deepEqual(askedIn(query), { asked: wanted, problems: [] });
    assert.equal(queryWith(query, NOTHING_ASKED), "?at=2026-11-27T03:12:00Z");
    assert.equal(queryWith("?page=2", NOTHING_ASKED), "");
});

test("an address may leave the order out", () => {
    assert.deepEqual(["?sort=fps", "?sort=average_latency_ms", "?sort=fps&order=desc", "?order=desc", ""].map((query) => askedIn(query).asked.sort), ["fps", "-average_latency_ms", "-fps", "", ""]);
});

test("what is not allowed in an address is named, and the rest holds", () => {
    const { asked: found, problems } = askedIn(`?sort=shoe_size&order=up&verdict=bad&state=odd&page=0&search=${"x".repeat(65)}`);
    assert.deepEqual(found, asked({ search: "x".repeat(64) }));
    assert.equal(problems.length, 6);
    assert.match(problems.join(" "), /sort=shoe_size is not known\. Allowed are client_id, .*order=up.*page=0 is no page number\. Allowed are 1 to 1000\..*verdict=bad/s);
    assert.deepEqual(["two", "1.5", "-1", "1001", ""].map((page) => askedIn(`?page=${page}`).problems.length), [1, 1, 1, 1, 1]);
});

test("a search that is cut ends with a whole character, and what is not allowed is shown in its first letters", () => {
    assert.equal(askedIn(`?search=${"x".repeat(63)}😀😀`).asked.search, `${"x".repeat(63)}😀`);
    assert.deepEqual(askedIn(`?search=${"😀".repeat(64)}`), { asked: asked({ search: "😀".repeat(64) }), problems: [] });
    assert.match(askedIn(`?page=%E2%80%AE${"9".repeat(500)}`).problems[0], /^page=\\u202e9{39}… is no page number/);
});

test("the text says which rows are shown", () => {
    assert.equal(shownText(initial, 100, 2000, 2000), "showing 1–100 of 2,000");
    assert.equal(shownText({ ...initial, offset: 100, search: "x" }, 3, 103, 2000), "showing 101–103 of 103 found, 2,000 in total");
    assert.equal(shownText({ ...initial, search: "x" }, 0, 0, 2000), "none found, 2,000 in total");
    assert.equal(shownText({ ...initial, offset: 2000 }, 0, 2000, 2000), "showing none of 2,000");
    assert.equal(shownText({ ...initial, state: "slow" }, 3, 3, 2000), "showing 1–3 of 3 found, 2,000 in total");
    assert.equal(shownText(initial, 0, 0, 0), "");
});

test("rows keep their place under the pointer, and one that is gone is marked", () => {
    const rows = (...ids) => ids.map((id) => ({ client_id: id, node: "web:1" }));
    const kept = keptInPlace(rows("c", "new", "b"), rows("a", "b", "c"));
    assert.deepEqual(kept.map((row) => [row.client_id, Boolean(row.isGone)]), [["a", true], ["b", false], ["c", false]]);
    assert.deepEqual(keptInPlace(rows("c", "a", "b", "new"), rows("a", "b", "c")).map((row) => row.client_id), ["a", "b", "c", "new"]);
});

test("clients of one id on two nodes are two rows", () => {
    const [one, two] = ["web:1", "web:2"].map((node) => ({ client_id: "ann", node }));
    assert.deepEqual(keptInPlace([two, one], [one, two]), [one, two]);
});

test("addresses of clients are escaped", () => {
    const url = clientURL({ client_url: "/clients/CLIENT-ID/", placeholder: "CLIENT-ID" });
    assert.equal(url("a:b"), "/clients/a%3Ab/");
    assert.equal(url("$&"), "/clients/%24%26/");
});
