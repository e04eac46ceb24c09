const TIMESTAMP =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d*)?)?)?[ ]?(?:(Z|z)|([+-])(\d\d)(?::?(\d\d))?)?$/;

/**
 * A timestamp as `2023-03-25T11:31:26+00:00`: UTC, with its fraction truncated, not rounded. One without an offset is
 * taken as UTC. Any other text (`infinity`, a year before Christ) is returned unchanged.
 */
export function timestampSeconds(text: string): string {
    const [, year, month, day, hour = '00', minute = '00', second = '00', , sign, hours = '0', minutes = '0'] =
        TIMESTAMP.exec(text) ?? [];
    if (year === undefined) {
        return text;
    }
    const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
    if (sign === undefined) {
        return `${written}+00:00`;
    }
    const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
    const moment = Date.parse(`${written}Z`) - (sign === '-' ? -offset : offset);
    return Number.isNaN(moment) ? text : `${new Date(moment).toISOString().slice(0, 19)}+00:00`;
}
