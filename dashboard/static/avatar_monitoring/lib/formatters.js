// Numbers and times by Intl, whose formatters are made once: to make one takes a hundred times as long as to use it.

const made = new Map();
/** The last formatter of options that a caller keeps, with its locale and zone: to find it by name takes as long as to use it. */
const lastOf = new WeakMap();

/** As `value.toLocaleString(locale, options)`. */
export function writeNumber(value, locale, options) {
    return kept(Intl.NumberFormat, locale, options).format(value);
}

/** A moment as `toLocaleString` writes its parts that the options name. */
export function writeTime(epochSeconds, locale, options) {
    const moment = new Date(epochSeconds * 1000);
    // A formatter keeps the zone that the computer had when it was made.
    const zone = options.timeZone ?? moment.getTimezoneOffset();
    return kept(Intl.DateTimeFormat, locale, options, zone).format(moment);
}

function kept(Formatter, locale, options, zone = "") {
    const last = lastOf.get(options);
    if (last?.locale === locale && last.zone === zone) return last.formatter;
    const formatter = named(Formatter, locale, options, zone);
    lastOf.set(options, { locale, zone, formatter });
    return formatter;
}

function named(Formatter, locale, options, zone) {
    const key = `${Formatter.name} ${locale} ${zone} ${JSON.stringify(options)}`;
    let formatter = made.get(key);
    if (formatter === undefined) {
        formatter = new Formatter(locale, options);
        made.set(key, formatter);
    }
    return formatter;
}
