// Formats numbers and times. Every function takes null for "not known" and returns a dash, never a false 0.

import { gettext, gettext_noop, ngettext } from "./translate.js";
import { writeNumber, writeTime } from "./formatters.js";
import { inZone, isUTC, localZoneAt } from "./zone.js";

export const UNKNOWN = "–";

/** The page's language; English dates are day first, and times have 24 hours. */
const LANGUAGE = globalThis.document?.documentElement.lang;
const LOCALE = !LANGUAGE || LANGUAGE === "en" ? "en-GB" : LANGUAGE;
const DAY = 86_400;
const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];
export const BYTES_PER_MB = 1024 * 1024;

export function isKnown(value) {
    return typeof value === "number" && Number.isFinite(value);
}

/** A client's text with control and direction characters escaped, so that no name can pose as another. */
export function plainText(text) {
    return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);
}

/** A maximum; marked "≤" if it is only an upper bound. */
export function atMost(text, bounded) {
    return bounded && text !== UNKNOWN ? `≤ ${text}` : text;
}

/** A minimum; marked "≥" if it is only a lower bound. */
export function atLeast(text, bounded) {
    return bounded && text !== UNKNOWN ? `≥ ${text}` : text;
}

/** What Intl is asked for, each once, so that its formatters are found at once. */
const DIGITS = [0, 1, 2, 3].map((digits) => ({ minimumFractionDigits: digits, maximumFractionDigits: digits }));
const EVERY_DIGIT = { maximumSignificantDigits: 13 };
const MINUTE = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const SECOND = { ...MINUTE, second: "2-digit" };
const DATE = { year: "numeric", month: "short", day: "numeric" };
const DAY_OF_MONTH = { month: "short", day: "numeric" };
const UTC_DATE = { ...DATE, timeZone: "UTC" };
const UTC_DAY = { ...DAY_OF_MONTH, timeZone: "UTC" };

/** With up to three digits after the point. */
export function number(value, digits = 1) {
    return isKnown(value) ? writeNumber(value, LOCALE, DIGITS[digits]) : UNKNOWN;
}

export function count(value) {
    return number(value, 0);
}

/** About three digits, as many as one reads at a glance: 0.42, 8.5, 123. */
export function compact(value) {
    if (!isKnown(value)) return UNKNOWN;
    const size = Math.abs(value);
    if (size === 0) return "0";
    if (size < 1) return number(value, 2);
    return number(value, size < 100 ? 1 : 0);
}

export function percent(value) {
    return isKnown(value) ? percentText(number(value)) : UNKNOWN;
}

/** A number that is written already, with its unit. */
export function percentText(value) {
    return gettext("%(value)s %", { value });
}

export function secondsText(value) {
    return gettext("%(value)s s", { value });
}

/** The number and the unit separately, because cards show them in different sizes. */
export function scaledBytes(value) {
    if (!isKnown(value)) return { text: UNKNOWN, unit: "" };
    let scaled = Math.abs(value);
    let unit = 0;
    while (scaled >= 1023.5 && unit < BYTE_UNITS.length - 1) {
        scaled /= 1024;
        unit += 1;
    }
    // A value just below the next unit was moved into it: show 1.0, not 1.00.
    const text = unit === 0 ? count(scaled) : compact(Math.max(1, scaled));
    return { text: value < 0 ? `-${text}` : text, unit: BYTE_UNITS[unit] };
}

export function bytes(value) {
    const { text, unit } = scaledBytes(value);
    return unit ? `${text} ${unit}` : text;
}

/** All digits, where bytes are scaled; nothing for what is not known. */
export function exactBytes(value) {
    return isKnown(value) ? ngettext("%(count)s byte", "%(count)s bytes", value, { count: count(value) }) : "";
}

export function bytesPerSecond(value) {
    const { text, unit } = scaledBytes(value);
    return unit ? `${text} ${unit}/s` : text;
}

export function megabytes(value) {
    return isKnown(value) ? bytes(value * BYTES_PER_MB) : UNKNOWN;
}

export function milliseconds(value) {
    return isKnown(value) ? `${compact(value)} ms` : UNKNOWN;
}

const UNITS = { d: gettext_noop("%(value)s d"), h: gettext_noop("%(value)s h"), min: gettext_noop("%(value)s min"), s: gettext_noop("%(value)s s") };

/** The two largest units: "45 s", "3 min 20 s", "2 h 5 min", "4 d 1 h". */
export function duration(seconds) {
    if (!isKnown(seconds)) return UNKNOWN;
    const whole = Math.max(0, Math.floor(seconds));
    const units = [
        [Math.floor(whole / 86400), UNITS.d],
        [Math.floor(whole / 3600) % 24, UNITS.h],
        [Math.floor(whole / 60) % 60, UNITS.min],
        [whole % 60, UNITS.s],
    ];
    const first = units.findIndex(([amount]) => amount > 0);
    if (first < 0) return secondsText("0");
    return units
        .slice(first, first + 2)
        .filter(([amount]) => amount > 0)
        .map(([value, unit]) => gettext(unit, { value }))
        .join(" ");
}

export function clockTime(epochSeconds, withSeconds = true) {
    if (!isKnown(epochSeconds)) return UNKNOWN;
    return writeTime(epochSeconds, LOCALE, inZone(withSeconds ? SECOND : MINUTE));
}

export function date(epochSeconds) {
    if (!isKnown(epochSeconds)) return UNKNOWN;
    return writeTime(epochSeconds, LOCALE, inZone(DATE));
}

export function dateTime(epochSeconds, withSeconds = false) {
    return isKnown(epochSeconds) ? withTime(date(epochSeconds), clockTime(epochSeconds, withSeconds)) : UNKNOWN;
}

function withTime(day, time) {
    return gettext("%(day)s, %(time)s", { day, time });
}

/** A day without its year, in the reader's zone or in UTC: "26 Nov". */
export function dayLabel(epochSeconds, inUTC = false) {
    return writeTime(epochSeconds, LOCALE, inUTC ? UTC_DAY : inZone(DAY_OF_MONTH));
}

/** A UTC day by its start. Stored days are UTC days; in a zone west of UTC the date would be the day before. */
function utcDay(epochSeconds, withYear = true) {
    if (!isKnown(epochSeconds)) return UNKNOWN;
    return `${writeTime(epochSeconds, LOCALE, withYear ? UTC_DATE : UTC_DAY)} (UTC)`;
}

/** The start of a bucket, for a table row or the chart's cursor. */
export function bucketTime(epochSeconds, bucketSeconds) {
    return bucketSeconds >= DAY ? utcDay(epochSeconds) : dateTime(epochSeconds, bucketSeconds < 60);
}

/** A moment within a range, no longer than needed: the time, the day and the time, or the day. */
export function momentWithin(epochSeconds, rangeSeconds, bucketSeconds) {
    if (!isKnown(epochSeconds)) return UNKNOWN;
    if (bucketSeconds >= DAY) return utcDay(epochSeconds, false);
    if (rangeSeconds <= 86_400) return clockTime(epochSeconds, bucketSeconds < 60);
    const day = dayLabel(epochSeconds);
    return rangeSeconds <= 62 * 86_400 ? withTime(day, clockTime(epochSeconds, false)) : day;
}

/** A limit as the operator wrote it: all its digits, without trailing zeros. */
export function limit(value) {
    return isKnown(value) ? writeNumber(value, LOCALE, EVERY_DIGIT) : UNKNOWN;
}

/** The formatter for values whose unit stands in a title. Bytes keep their unit, because it changes with the value. */
export function plainFormatterOf(unit) {
    if (unit === "%") return number;
    if (unit === "B/s") return bytesPerSecond;
    if (unit === "B") return bytes;
    return (value) => (Number.isInteger(value) ? count(value) : compact(value));
}

/** The formatter for values with their unit. */
export function formatterOf(unit) {
    if (unit === "%") return percent;
    if (unit === "ms") return milliseconds;
    if (unit === "B/s") return bytesPerSecond;
    if (unit === "B") return bytes;
    const plain = plainFormatterOf(unit);
    return (value) => (isKnown(value) && unit ? `${plain(value)} ${unit}` : plain(value));
}

/** "05:03:22 UTC", with the date if it differs from the reader's. */
export function utcText(at) {
    const [day, time] = new Date(at * 1000).toISOString().split("T");
    const local = new Date(at * 1000);
    const isSameDay = local.getDate() === local.getUTCDate();
    return `${isSameDay ? "" : `${day} `}${time.slice(0, 8)} UTC`;
}

/** A moment in the zone that is not shown: in UTC, or if times are in UTC, in the reader's own zone; with the date if it differs. */
export function otherZoneText(at) {
    if (!isUTC()) return utcText(at);
    const zone = localZoneAt(at);
    if (zone === "UTC") return "";
    const time = writeTime(at, LOCALE, SECOND);
    const local = new Date(at * 1000);
    const day = [local.getFullYear(), local.getMonth() + 1, local.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
    return `${local.getDate() === local.getUTCDate() ? "" : `${day} `}${time} ${zone}`;
}

/** Why a node's clients have no latency, as it says itself; empty if they have one, or will. */
export function whyNoLatency({ round_trips: how }) {
    const server = /^not reported by (.+)$/.exec(how ?? "")?.[1];
    if (server) return gettext("round trips are not reported by %(server)s", { server });
    return how?.startsWith("not reported") ? gettext("round trips are not reported") : "";
}

const LONGEST_ECHO = 40;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** What somebody wrote, in a sentence about it: not too long, and with invisible characters spelled out. */
export function echo(text) {
    const letters = [...text];
    const shown = letters.length > LONGEST_ECHO ? `${letters.slice(0, LONGEST_ECHO).join("")}…` : text;
    return shown.replaceAll(UNPRINTABLE, (letter) => `\\u${letter.codePointAt(0).toString(16).padStart(4, "0")}`);
}
