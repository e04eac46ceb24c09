import {
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    isSpace,
    LINE_FEED,
    OPEN_ARRAY,
    OPEN_OBJECT,
    QUOTE,
} from '../../core/ascii.ts';

/**
 * Where a damaged source can be framed again.
 *
 * In valid JSON the unescaped bytes `{"change":` can never occur inside a string, so after the start of a record
 * that is known to be broken, the next record begins at their first occurrence. (Inside a sound record they prove
 * nothing: an object may be a value.)
 */

const RECORD_NAMES = ['change', 'xid', 'nextlsn', 'timestamp', 'action', 'origin'].map((name) =>
    Buffer.from(`"${name}"`),
);
const CHANGE_NAMES = [Buffer.from('"kind"')];

const SPACE_MAX = 16;
type Beginning = 'record' | 'change' | 'none' | 'undecided';

/** What begins with the `{` at `index`; `undecided` if too few bytes follow. */
function beginningAt(bytes: Buffer, index: number, end: number): Beginning {
    const nameAt = skipSpace(bytes, index + 1, end);
    if (nameAt === end) {
        return 'undecided';
    }
    if (bytes[nameAt] !== QUOTE) {
        return 'none';
    }
    for (const [names, beginning] of [
        [RECORD_NAMES, 'record'],
        [CHANGE_NAMES, 'change'],
    ] as const) {
        for (const name of names) {
            const answer = nameThenColon(bytes, nameAt, end, name);
            if (answer !== false) {
                return answer === 'undecided' ? 'undecided' : beginning;
            }
        }
    }
    return 'none';
}

function nameThenColon(bytes: Buffer, at: number, end: number, name: Buffer): boolean | 'undecided' {
    for (let index = 0; index < name.length; index++) {
        if (at + index === end) {
            return 'undecided';
        }
        if (bytes[at + index] !== name[index]) {
            return false;
        }
    }
    const colonAt = skipSpace(bytes, at + name.length, end);
    return colonAt === end ? 'undecided' : bytes[colonAt] === COLON;
}

function skipSpace(bytes: Buffer, at: number, end: number): number {
    let index = at;
    while (index < end && index - at < SPACE_MAX && isSpace(bytes[index] as number)) {
        index++;
    }
    return index;
}

/** White space, commas and brackets, which may stand between records. */
function isSeparator(byte: number): boolean {
    return isSpace(byte) || byte === COMMA || byte === OPEN_ARRAY || byte === CLOSE_ARRAY;
}

/**
 * Where the broken bytes in `[start, end)` end, so that the separators after them are framed as separators: after the
 * last `}` if only separators follow, else before the white space and commas at the end.
 */
export function trimmedEnd(bytes: Buffer, start: number, end: number): number {
    let index = end;
    while (index > start && isSeparator(bytes[index - 1] as number)) {
        index--;
    }
    if (index > start && bytes[index - 1] === CLOSE_OBJECT) {
        return index;
    }
    let trimmed = end;
    while (trimmed > start + 1 && (isSpace(bytes[trimmed - 1] as number) || bytes[trimmed - 1] === COMMA)) {
        trimmed--;
    }
    return trimmed;
}

/**
 * Whether the broken bytes of a list of changes include the end of their record: `}]}` and a separator. A receiver that
 * was killed leaves a torn record *without* a separator before the next one, and the transaction is sent again; a
 * separator (or `separated`: a line feed or the end of the source follows) means that the record was written to its
 * end. Returns the index of the list's `]`, or -1.
 */
export function closingListAt(bytes: Buffer, start: number, end: number, separated: boolean): number {
    const back = (at: number): number => {
        let index = at;
        while (index > start && isSpace(bytes[index - 1] as number)) {
            index--;
        }
        return index - 1;
    };
    const recordEnd = trimmedEnd(bytes, start, end) - 1;
    if (recordEnd + 1 === end && !separated) {
        return -1;
    }
    if (bytes[recordEnd] !== CLOSE_OBJECT) {
        return -1;
    }
    const listEnd = back(recordEnd);
    if (listEnd <= start || bytes[listEnd] !== CLOSE_ARRAY) {
        return -1;
    }
    const changeEnd = back(listEnd);
    return changeEnd > start && bytes[changeEnd] === CLOSE_OBJECT ? listEnd : -1;
}

/** What can end a broken region. */
interface BeginningRules {
    /** Each record is on one line: a line feed ends the region. */
    readonly lines: boolean;
    /** The region began between records: any object after a separator ends it. */
    readonly loose: boolean;
    /** In a list of changes: a change that begins after this index ends the region; -1: none does. */
    readonly changesAfter: number;
    /** The source has ended. */
    readonly ended: boolean;
}

interface FoundBeginning {
    /** `more`: not before `at`, where the search continues when more bytes arrive. */
    readonly kind: 'record' | 'change' | 'line' | 'more';
    readonly at: number;
}

/** The first place at or after `from` where a broken region can end. */
export function nextBeginning(bytes: Buffer, from: number, end: number, rules: BeginningRules): FoundBeginning {
    const window = bytes.subarray(0, end);
    const lineFeed = rules.lines ? window.indexOf(LINE_FEED, from) : -1;
    let index = from;
    for (;;) {
        const brace = index < end ? window.indexOf(OPEN_OBJECT, index) : -1;
        if (lineFeed !== -1 && (brace === -1 || lineFeed < brace)) {
            return { kind: 'line', at: lineFeed };
        }
        if (brace === -1) {
            return { kind: 'more', at: end };
        }
        const beginning = beginningAt(bytes, brace, end);
        if (beginning === 'undecided' && !rules.ended) {
            return { kind: 'more', at: brace };
        }
        if (beginning === 'record') {
            return { kind: 'record', at: brace };
        }
        if (beginning === 'change' && rules.changesAfter !== -1) {
            if (brace > rules.changesAfter) {
                return { kind: 'change', at: brace };
            }
        } else if (isBareBeginning(bytes, brace, end, rules.loose)) {
            return { kind: 'record', at: brace };
        }
        index = brace + 1;
    }
}

/** Whether an object that is not known to be wal2json's begins at `index`: after a line feed, or a separator. */
function isBareBeginning(bytes: Buffer, index: number, end: number, loose: boolean): boolean {
    const before = bytes[index - 1];
    if (index === 0 || before === undefined || !(before === LINE_FEED || (loose && isSeparator(before)))) {
        return false;
    }
    const at = skipSpace(bytes, index + 1, end);
    // Behind the end lies what the buffer held before.
    const next = at < end ? bytes[at] : undefined;
    return next === QUOTE || next === CLOSE_OBJECT;
}
