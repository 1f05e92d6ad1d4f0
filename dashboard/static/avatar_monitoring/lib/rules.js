// The rules in force, as pages show them. A frame says when they have changed; they are then fetched, without a reload.

import { limitOf } from "./alert_words.js";
import { askForJSON } from "./server_answer.js";
import { gettext } from "./translate.js";

const RETRY_MS = 5_000;

/** What one rule asks for: "limit 80 % for 10 s, ends at 76 % after 5 s". Pure. */
export function limitText(rule) {
    const { metric, threshold, exit_threshold: exit, for_seconds: forSeconds, keep_firing_seconds: keepSeconds } = rule;
    const facts = { value: limitOf(metric, threshold), exit: limitOf(metric, exit), held: limitOf("_seconds", forSeconds), kept: limitOf("_seconds", keepSeconds) };
    const begins = forSeconds ? gettext("limit %(value)s for %(held)s", facts) : gettext("limit %(value)s", facts);
    const ends = keepSeconds ? gettext("ends at %(exit)s after %(kept)s", facts) : gettext("ends at %(exit)s", facts);
    return `${begins}, ${ends}`;
}

/** The rule whose limit stands for a metric, by the value that is shown. Pure. */
export function ruleFor(rules, metric, threshold) {
    const about = rules.filter((rule) => rule.metric === metric && rule.each_threshold === null && rule.threshold === threshold);
    return about.find(({ name }) => name === metric) ?? about[0] ?? null;
}

export class RulesInForce {
    /** `config` is the page's; its object `thresholds` is changed in place. `fetcher(url)` resolves to the rules. */
    constructor({ rules = [], thresholds = {}, rules_version: version = "", rules_url: url = "" }, { fetcher = askForJSON, onChange = () => {}, now = () => performance.now() } = {}) {
        Object.assign(this, { rules, thresholds, version, url, fetcher, onChange, now, isAsking: false, askAgainAt: -Infinity });
    }

    /** Takes a frame's version of the rules; frames of older releases have none. After a failure it asks again no sooner than in five seconds. */
    async take({ rules_version: told }) {
        if (!told || told === this.version || this.isAsking || !this.url || this.now() < this.askAgainAt) return;
        this.isAsking = true;
        try {
            const { rules, thresholds } = await this.fetcher(this.url);
            // Another change has a version of its own, so what was told counts as known even if the answer is newer.
            Object.assign(this, { rules, version: told });
            for (const metric of Object.keys(this.thresholds)) delete this.thresholds[metric];
            Object.assign(this.thresholds, thresholds);
            this.onChange();
        } catch (error) {
            this.askAgainAt = this.now() + RETRY_MS;
            console.info("The new limits are not known yet:", error.message);
        } finally {
            this.isAsking = false;
        }
    }

    /** What stands at a metric's limit; empty without one. */
    textOf(metric) {
        const rule = ruleFor(this.rules, metric, this.thresholds[metric]);
        if (rule) return limitText(rule);
        return metric in this.thresholds ? gettext("limit %(value)s", { value: limitOf(metric, this.thresholds[metric]) }) : "";
    }
}
