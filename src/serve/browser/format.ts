/** The kind of a value, from its column's name or the figure's unit. */
export type Kind =
    | { readonly kind: 'plain' }
    | { readonly kind: 'cents' }
    | { readonly kind: 'percent' }
    | { readonly kind: 'seconds' }
    | { readonly kind: 'money'; readonly currency: string }
    /** Whole numbers of the smallest unit of a currency: cents, yen, fils. */
    | { readonly kind: 'minor'; readonly currency: string };

export const PLAIN: Kind = { kind: 'plain' };

const SUFFIX = /_(cents|percent|seconds|usd)$/;
const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 4 });
const COMPACTLY = { notation: 'compact', maximumFractionDigits: 1 } as const;
const COMPACT = new Intl.NumberFormat('en', COMPACTLY);
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** `amount_cents` is in cents, of the currency of a unit `USD cents`; other columns have the unit as it is. */
export function kindOf(column: string, unit: string | null): Kind {
    const suffix = SUFFIX.exec(column)?.[1];
    const word = suffix ?? unit;
    const ofCents = suffix === 'cents' ? /^([A-Z]{3}) cents$/.exec(unit ?? '')?.[1] : undefined;
    if (ofCents !== undefined) {
        return { kind: 'minor', currency: ofCents };
    }
    const minor = /^minor units of ([A-Z]{3})$/.exec(word ?? '')?.[1];
    if (minor !== undefined) {
        return { kind: 'minor', currency: minor };
    }
    if (word === 'cents' || word === 'percent' || word === 'seconds') {
        return { kind: word };
    }
    const currency = word === 'usd' ? 'USD' : word;
    return currency !== null && /^[A-Z]{3}$/.test(currency) ? { kind: 'money', currency } : PLAIN;
}

/** What a figure's head says of amounts that are whole numbers of the smallest unit of the currency beside them. */
const MINOR = 'minor units';

/** The unit of the values of a currency. */
export function unitOf(unit: string | null, currency: string): string | null {
    return unit === MINOR && /^[A-Z]{3}$/.test(currency) ? `${MINOR} of ${currency}` : unit;
}

/** The same for a row that names its currency. */
export function unitOfRow(unit: string | null, columns: readonly string[], row: readonly unknown[]): string | null {
    const at = columns.findIndex((column) => column === 'currency_code' || column === 'currency');
    return at === -1 ? unit : unitOf(unit, String(row[at]));
}

/** How many decimals a currency has: JPY none, KWD three. Source: ISO 4217, by ECMA-402, CurrencyDigits. */
function currencyDigits(currency: string): number {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** `by_campaign_percent` becomes "By campaign", `merchantTypeCode` "Merchant type code". */
export function labelOf(column: string): string {
    const words = column
        .replace(SUFFIX, '')
        .replace(/([a-z])([A-Z])/g, '$1 $2')
        .replaceAll('_', ' ')
        .trim()
        .toLowerCase();
    return words === '' ? column : words[0]?.toUpperCase() + words.slice(1);
}

/** `HARD_DECLINE` becomes "Hard decline", which is easier to read and to wrap; other texts are unchanged. */
export function nameText(name: string): string {
    return /^([A-Z0-9]+(_[A-Z0-9]+)+|[A-Z]{5,})$/.test(name) ? labelOf(name) : name;
}

/** A name as it stands at an axis; at most so many characters of it. */
export function shortened(name: string, charactersMax: number): string {
    const text = nameText(name);
    return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}

/** A value for people. Whole numbers of any size, and cents, keep every digit. */
export function formatValue(value: unknown, { kind, ...rest }: Kind): string {
    if (value === null || value === undefined) {
        return '–';
    }
    if (typeof value !== 'number' && typeof value !== 'bigint') {
        return String(value);
    }
    switch (kind) {
        case 'cents':
            return typeof value === 'bigint' || Number.isSafeInteger(value)
                ? centsText(BigInt(value))
                : NUMBER.format(value / 100);
        case 'percent':
            return `${NUMBER.format(value)} %`;
        case 'seconds':
            return timeSpanText(Number(value));
        case 'money': {
            const { currency } = rest as { readonly currency: string };
            return new Intl.NumberFormat('en', { style: 'currency', currency }).format(value);
        }
        case 'minor': {
            const { currency } = rest as { readonly currency: string };
            return new Intl.NumberFormat('en', { style: 'currency', currency }).format(majorText(value, currency));
        }
        case 'plain':
            return NUMBER.format(value);
    }
}

/** `1234` of KWD is `1.234`: as text, so that no digit is lost. */
function majorText(value: number | bigint, currency: string): `${number}` {
    const digits = currencyDigits(currency);
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
        return String(value / 10 ** digits) as `${number}`;
    }
    const text = String(value)
        .replace('-', '')
        .padStart(digits + 1, '0');
    const sign = Number(value) < 0 ? '-' : '';
    const fraction = digits === 0 ? '' : `.${text.slice(-digits)}`;
    return `${sign}${text.slice(0, text.length - digits)}${fraction}` as `${number}`;
}

/** `user_id`, `merchantTypeCode`: digits there are a name, not an amount. */
export function isName(column: string): boolean {
    return /(?:^|_)(?:id|code)$|[a-z](?:Id|Code)$/.test(column);
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** `2023-03-25 11:31:26`: a time as people read it, to the second. Other text comes back as it is. */
export function timeText(text: string): string {
    const [, day, time, offset = ''] = TIMESTAMP.exec(text) ?? [];
    return day === undefined ? text : `${day} ${time}${offset}`;
}

/** The first column is not formatted, unless its name has a unit: a user's number is not an amount. */
export function cellText(value: unknown, column: string, isFirst: boolean, unit: string | null): string {
    if (isName(column) && value !== null && value !== undefined) {
        return String(value);
    }
    if (typeof value === 'string') {
        return timeText(value);
    }
    const kind = kindOf(column, isFirst ? null : unit);
    return isFirst && kind.kind === 'plain' && value !== null ? String(value) : formatValue(value, kind);
}

/** The same in fewer characters, for the ticks of an axis. */
export function formatTick(value: number, kind: Kind): string {
    switch (kind.kind) {
        case 'cents':
            return COMPACT.format(value / 100);
        case 'percent':
            return `${COMPACT.format(value)} %`;
        case 'seconds':
            return value === 0 ? '0' : timeSpanText(value, 1);
        case 'money':
            return new Intl.NumberFormat('en', { ...COMPACTLY, style: 'currency', currency: kind.currency }).format(
                value,
            );
        case 'minor': {
            const { currency } = kind;
            const format = new Intl.NumberFormat('en', { ...COMPACTLY, style: 'currency', currency });
            return format.format(value / 10 ** currencyDigits(currency));
        }
        default:
            return COMPACT.format(value);
    }
}

/** Steps between the ticks of an axis of seconds: units of time. */
const STEPS_SECONDS = [1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000];

/** A step that gives about four ticks on an axis up to `greatest`; undefined: any round number. */
export function tickStep(greatest: number, { kind }: Kind): number | undefined {
    return kind === 'seconds' ? STEPS_SECONDS.find((step) => step >= greatest / 5) : undefined;
}

/** Whether it is a day as questions write it: `2010-05-08`. */
export function isDay(value: unknown): value is string {
    return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
}

/** `8 May 2010`, in two lines. */
export function dayAndYearText(day: string): string {
    return `${dayText(day)}\n${day.slice(0, 4)}`;
}

/** `8 May`. */
export function dayText(day: string): string {
    return DAY.format(new Date(`${day}T00:00:00Z`));
}

/** `1,234.05`: computed from whole hundredths, without a floating-point number. */
function centsText(cents: bigint): string {
    const size = cents < 0n ? -cents : cents;
    return `${cents < 0n ? '−' : ''}${NUMBER.format(size / 100n)}.${String(size % 100n).padStart(2, '0')}`;
}

const UNITS = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
] as const;

/** `2 h 16 min`: the two largest units that are not zero. */
function timeSpanText(seconds: number, unitsMax = 2): string {
    if (seconds < 0) {
        return `−${timeSpanText(-seconds, unitsMax)}`;
    }
    let rest = seconds < 60 ? seconds : Math.round(seconds);
    const parts: string[] = [];
    const first = UNITS.findIndex(([size]) => rest >= size);
    for (const [size, name] of first === -1 ? [] : UNITS.slice(first, first + unitsMax)) {
        const count = size === 1 ? rest : Math.floor(rest / size);
        rest -= count * size;
        if (count > 0) {
            parts.push(`${NUMBER.format(count)} ${name}`);
        }
    }
    return parts.length === 0 ? `${NUMBER.format(seconds)} s` : parts.join(' ');
}

/** What the server has left out of an address. */
export function ignoredText(ignored: readonly Readonly<Record<'name' | 'value' | 'why', string>>[]): string {
    return ignored.map(({ name, value, why }) => `Left out: ${name}=${value} (${why}).`).join(' ');
}
