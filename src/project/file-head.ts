import { EltError, shorten } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';

/** A key that the head of a SQL file may contain. */
export interface HeaderKey {
    readonly name: string;
    /** The key may occur several times (`param:`); otherwise a second one is an error. */
    readonly repeatable?: boolean;
    /** The allowed values; by default any value that is not empty. */
    readonly values?: readonly string[];
}

export interface HeaderEntry {
    readonly key: string;
    /** Trimmed; continued lines are joined by one blank. */
    readonly value: string;
    /** 1-based line of the key. */
    readonly line: number;
}

// `-- key: value`. The colon of a URL (`https://…`) does not make a key.
const KEY_LINE = /^--[ \t]{0,2}([A-Za-z][\w-]*)([ \t]*):(?!\/\/)(.*)$/;
const INDENTED_LINE = /^--[ \t]{3,}(?=\S)(.*)$/;

/**
 * The entries of a SQL file's head, in order. The head is the leading block of `--` lines (blank lines before it are
 * ignored): `-- key: value` is an entry, `--   text` (three or more blanks) continues the entry above it, every other
 * line is prose. A key is a lower-case word that may contain `_` and digits.
 *
 * Throws `SQL_HEADER`, with the line, for a key that is unknown, repeated or without a value, for a value that is not
 * allowed, and for a line that looks like an allowed key but would be read as prose (`Scope:`).
 */
export function parseHeader(text: string, file: string, allowed: readonly HeaderKey[]): readonly HeaderEntry[] {
    const entries: HeaderEntry[] = [];
    let isContinuable = false;
    for (const { content, line } of headLines(text)) {
        const indented = INDENTED_LINE.exec(content)?.[1];
        const above = entries.at(-1);
        if (indented !== undefined && isContinuable && above !== undefined) {
            entries[entries.length - 1] = { ...above, value: `${above.value} ${indented.trim()}`.trim() };
            continue;
        }
        // An allowed key that is indented too far, with no entry above it to continue, is still read as a key.
        const key = keyOf(content.replace(/^--[ \t]*/, '-- '), line, file, allowed, indented !== undefined);
        if (key !== undefined) {
            refuseSecond(key, entries, file, allowed);
            entries.push(key);
        }
        isContinuable = key !== undefined;
    }
    for (const entry of entries) {
        checkValue(entry, file, allowed);
    }
    return entries;
}

/** The value of a key in a head that may be wrong elsewhere, with its line: only a line that is written right counts. */
export function valueInWrongHead(text: string, key: string): Omit<HeaderEntry, 'key'> | undefined {
    for (const { content, line } of headLines(text)) {
        const [, written, , rest] = KEY_LINE.exec(content) ?? [];
        if (written === key && rest !== undefined) {
            return { value: rest.trim(), line };
        }
    }
    return undefined;
}

/** The value of the first entry with that key. */
export function headerValue(entries: readonly HeaderEntry[], key: string): string | undefined {
    return entries.find((entry) => entry.key === key)?.value;
}

function* headLines(text: string): Generator<{ readonly content: string; readonly line: number }> {
    let line = 0;
    let isInside = false;
    for (let start = 0; start < text.length; ) {
        const lineFeed = text.indexOf('\n', start);
        const end = lineFeed === -1 ? text.length : lineFeed;
        line++;
        const content = text
            .slice(start, end)
            .replace(/^\ufeff/, '')
            .trimEnd();
        if (content.startsWith('--')) {
            isInside = true;
            yield { content, line };
        } else if (isInside || content !== '') {
            return;
        }
        start = end + 1;
    }
}

function keyOf(
    content: string,
    line: number,
    file: string,
    allowed: readonly HeaderKey[],
    isIndented: boolean,
): HeaderEntry | undefined {
    const [, written, blanks, rest] = KEY_LINE.exec(content) ?? [];
    if (written === undefined || blanks === undefined || rest === undefined) {
        return undefined;
    }
    const isAllowed = allowed.some((key) => key.name === written);
    if (isAllowed) {
        return { key: written, value: rest.trim(), line };
    }
    const meant = written.toLowerCase().replaceAll('-', '_');
    const isMisspelt = allowed.some((key) => key.name === meant);
    const isKeyShaped = /^[a-z][a-z0-9_]*$/.test(written) && blanks === '' && !isIndented;
    if (isMisspelt || isKeyShaped) {
        throw unknownKey(written, meant, line, file, allowed);
    }
    return undefined;
}

function unknownKey(
    written: string,
    meant: string,
    line: number,
    file: string,
    allowed: readonly HeaderKey[],
): EltError {
    const names = allowed.map((key) => key.name);
    const guess = didYouMean(meant, names);
    return headError(file, line, {
        message: `the head of "${file}" has an unknown key "${shorten(written, 60)}"${guess === undefined ? '' : ` (${guess})`}`,
        found: `keys: ${names.join(', ') || 'none'}`,
        next: 'correct the key; a comment that is not a key must not begin with a word and a colon',
    });
}

function refuseSecond(
    entry: HeaderEntry,
    entries: readonly HeaderEntry[],
    file: string,
    allowed: readonly HeaderKey[],
): void {
    const first = entries.find((other) => other.key === entry.key);
    const isRepeatable = allowed.find((key) => key.name === entry.key)?.repeatable === true;
    if (first !== undefined && !isRepeatable) {
        throw headError(file, entry.line, {
            message: `the head of "${file}" has the key "${entry.key}" twice`,
            found: `lines ${first.line} and ${entry.line}`,
            next: 'keep one of them',
        });
    }
}

function checkValue(entry: HeaderEntry, file: string, allowed: readonly HeaderKey[]): void {
    const values = allowed.find((key) => key.name === entry.key)?.values;
    const expected = values === undefined ? 'a value' : values.map((value) => `"${value}"`).join(' or ');
    if (entry.value === '') {
        throw headError(file, entry.line, {
            message: `the head of "${file}" has no value for the key "${entry.key}"`,
            found: `expected ${expected}`,
            next: 'write the value after the colon, or remove the line',
        });
    }
    if (values !== undefined && !values.includes(entry.value)) {
        throw headError(file, entry.line, {
            message: `the head of "${file}" has a wrong value for the key "${entry.key}"`,
            found: `"${shorten(entry.value, 60)}"; expected ${expected}`,
            next: didYouMean(entry.value, values) ?? 'correct the value',
        });
    }
}

/** The error of a line of a file's head. */
export function headError(
    file: string,
    line: number,
    facts: { readonly message: string; readonly found: string; readonly next: string },
): EltError {
    return new EltError({ code: 'SQL_HEADER', where: `${file}:${line}`, ...facts });
}
