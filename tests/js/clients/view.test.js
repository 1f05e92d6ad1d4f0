import assert from "node:assert/strict";
import { test } from "node:test";

import { ariaSort, clientState, clientURL, initialView, isOfClient, isPastSort, keptInPlace, pastView, searchedFor, shownText, sortedBy, turned, withVerdict } from "../../../dashboard/static/avatar_monitoring/clients/view.js";

const thresholds = { stale_client_seconds: 60, latency_ms: 100 };
const client = { client_id: "a", connected_at: 0, last_message_time: 100, average_latency_ms: 10 };

test("clients of the past are sorted by name, and only by what was kept", () => {
    assert.deepEqual(pastView({ ...initialView("ada"), offset: 200 }), { sort: "client_id", search: "ada", offset: 0, limit: 100 });
    assert.deepEqual(["connection_duration", "last_message_time"].map(isPastSort), [true, false]);
});

test("further connections with the same id belong to the client", () => {
    assert.deepEqual(["ann", "ann#2", "ann#12"].map((id) => isOfClient(id, "ann")), [true, true, true]);
    assert.deepEqual(["anna", "ann#", "ann#b", "bann", "ann#2#3"].map((id) => isOfClient(id, "ann")), [false, false, false, false, false]);
});

test("the view is the protocol's message", () => {
    assert.deepEqual(initialView(), { sort: "-message_count", search: "", offset: 0, limit: 100 });
});

test("the first click sorts numbers descending and names ascending, the second reverses the order", () => {
    const view = { ...initialView(), offset: 200 };
    assert.deepEqual(sortedBy(view, "bytes_sent"), { ...view, sort: "-bytes_sent", offset: 0 });
    assert.equal(sortedBy(view, "client_id").sort, "client_id");
    assert.equal(sortedBy(view, "message_count").sort, "message_count");
    assert.equal(sortedBy({ ...view, sort: "message_count" }, "message_count").sort, "-message_count");
    assert.deepEqual([ariaSort(view, "message_count"), ariaSort(view, "fps")], ["descending", null]);
});

test("a search starts at the first page", () => {
    assert.deepEqual(searchedFor({ ...initialView(), offset: 100 }, " ab "), { ...initialView(), search: "ab" });
});

test("pages end where the rows end", () => {
    const view = initialView();
    assert.equal(turned(view, 1, 250).offset, 100);
    assert.equal(turned({ ...view, offset: 200 }, 1, 250).offset, 200);
    assert.equal(turned(view, -1, 250).offset, 0);
    assert.equal(turned(view, 1, 100).offset, 0);
});

test("the text says which rows are shown", () => {
    const view = initialView();
    assert.equal(shownText(view, 100, 2000, 2000), "showing 1–100 of 2,000");
    assert.equal(shownText({ ...view, offset: 100, search: "x" }, 3, 103, 2000), "showing 101–103 of 103 found, 2,000 in total");
    assert.equal(shownText({ ...view, search: "x" }, 0, 0, 2000), "none found, 2,000 in total");
    assert.equal(shownText({ ...view, offset: 2000 }, 0, 2000, 2000), "showing none of 2,000");
    assert.equal(shownText(view, 0, 0, 0), "");
});

test("a client is active, slow or stale", () => {
    assert.equal(clientState(client, 160, thresholds), "live");
    assert.equal(clientState({ ...client, average_latency_ms: 101 }, 160, thresholds), "slow");
    assert.equal(clientState({ ...client, average_latency_ms: 101 }, 161, thresholds), "stale");
    assert.equal(clientState({ ...client, last_message_time: 0 }, 50, thresholds), "live");
});

test("rows keep their place under the pointer", () => {
    const rows = ["c", "a", "new", "b"].map((id) => ({ client_id: id }));
    assert.deepEqual(keptInPlace(rows, ["a", "b", "c"]).map((row) => row.client_id), ["a", "b", "c", "new"]);
});

test("addresses of clients are escaped", () => {
    const url = clientURL({ client_url: "/clients/CLIENT-ID/", placeholder: "CLIENT-ID" });
    assert.equal(url("a:b"), "/clients/a%3Ab/");
    assert.equal(url("$&"), "/clients/%24%26/");
});

test("a view wants one verdict, or says nothing of verdicts", () => {
    const view = { ...initialView("ab"), offset: 100 };
    assert.deepEqual(withVerdict(view, "network"), { ...view, offset: 0, verdict: "network" });
    assert.deepEqual(withVerdict(withVerdict(view, "network"), ""), { ...view, offset: 0 });
    assert.equal("verdict" in pastView(withVerdict(view, "hidden")), false);
    assert.equal(shownText(withVerdict(view, "network"), 3, 3, 2000), "showing 1–3 of 3 found, 2,000 in total");
});
