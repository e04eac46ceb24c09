/** What a token is, by the way it is written. `illegal` is what SQLite calls "unrecognized token". */
type SqlTokenKind =
    | 'space'
    | 'comment'
    | 'string'
    | 'identifier'
    | 'blob'
    | 'number'
    | 'word'
    | 'variable'
    | 'operator'
    | 'semicolon'
    | 'illegal';

export interface SqlToken {
    readonly kind: SqlTokenKind;
    /** As written, quotes included. */
    readonly text: string;
    /** UTF-16 units from the start of the text. */
    readonly offset: number;
    /** 1-based line of the token's first character. */
    readonly line: number;
    /** The text ends inside this string, quoted identifier, blob or block comment. */
    readonly unclosed?: true;
}

/**
 * All tokens of `text`, white space and comments included: their concatenated texts are `text`.
 * Never fails, and takes time linear in the length. Follows SQLite's own tokenizer (`tokenize.c`) as better-sqlite3
 * compiles it (without Tcl's `$a::b(c)` variables).
 */
export function sqlTokens(text: string): readonly SqlToken[] {
    const tokens: SqlToken[] = [];
    let offset = 0;
    let line = 1;
    while (offset < text.length) {
        const token = nextToken(text, offset, line);
        tokens.push(token);
        offset += token.text.length;
        line += lineFeeds(token);
    }
    return tokens;
}

/** True for white space and comments, which SQLite ignores. */
export function isTrivia(token: SqlToken): boolean {
    return token.kind === 'space' || token.kind === 'comment';
}

/** A plan asks many things of the same statements: the tokens of the last ones are kept. */
const kept = new Map<string, readonly SqlToken[]>();
const KEPT_MAX = 256;
const KEPT_LENGTH_MAX = 16_384;

/** The tokens without white space and comments. */
export function significantTokens(text: string): readonly SqlToken[] {
    const known = kept.get(text);
    if (known !== undefined) {
        return known;
    }
    const tokens = sqlTokens(text).filter((token) => !isTrivia(token));
    if (text.length <= KEPT_LENGTH_MAX) {
        if (kept.size === KEPT_MAX) {
            kept.clear();
        }
        kept.set(text, tokens);
    }
    return tokens;
}

/** The keyword of a bare word in lower case; undefined for everything else, quoted words included. */
export function wordOf(token: SqlToken | undefined): string | undefined {
    return token?.kind === 'word' ? token.text.toLowerCase() : undefined;
}

/**
 * The name that a token can be (a word, or a quoted identifier without its quotes), else undefined.
 * SQLite accepts `'name'` too where only a name is possible, so strings count.
 */
export function nameOf(token: SqlToken | undefined): string | undefined {
    if (token === undefined || token.unclosed) {
        return undefined;
    }
    if (token.kind === 'word') {
        return token.text;
    }
    if (token.kind !== 'identifier' && token.kind !== 'string') {
        return undefined;
    }
    const quote = token.text.charAt(0);
    const inner = token.text.slice(1, -1);
    return quote === '[' ? inner : inner.replaceAll(quote + quote, quote);
}

/** The token that begins at `offset`, which must lie inside `text`. */
export function nextToken(text: string, offset: number, line: number): SqlToken {
    const scanned = scan(text, offset);
    const token = { kind: scanned.kind, text: text.slice(offset, scanned.end), offset, line };
    return scanned.unclosed ? { ...token, unclosed: true } : token;
}

interface Scanned {
    readonly kind: SqlTokenKind;
    readonly end: number;
    readonly unclosed?: true;
}

const TWO_CHARACTER_OPERATORS = new Set(['==', '<=', '<>', '<<', '>=', '>>', '!=', '||', '->']);
const ONE_CHARACTER_OPERATORS = new Set('-+*/%=<>|,&~().');

function scan(text: string, offset: number): Scanned {
    const first = text.charAt(offset);
    const second = text.charAt(offset + 1);
    // SQLite reads a byte order mark as a white space token of its own.
    if (first === '\ufeff') {
        return { kind: 'space', end: offset + 1 };
    }
    if (isSpaceStart(first)) {
        return { kind: 'space', end: endOf(text, offset + 1, SPACES) };
    }
    if (first === '-' && second === '-') {
        const lineFeed = text.indexOf('\n', offset);
        return { kind: 'comment', end: lineFeed === -1 ? text.length : lineFeed };
    }
    // To SQLite `/*` as the last two characters is not a comment but two operators.
    if (first === '/' && second === '*' && offset + 2 < text.length) {
        return closedBy(text, '*/', offset + 2, 'comment');
    }
    if (first === "'" || first === '"' || first === '`') {
        return scanQuoted(text, offset, first);
    }
    if (first === '[') {
        return closedBy(text, ']', offset + 1, 'identifier');
    }
    if (first === ';') {
        return { kind: 'semicolon', end: offset + 1 };
    }
    if ((first === 'x' || first === 'X') && second === "'") {
        return scanBlob(text, offset);
    }
    if (isDigit(first) || (first === '.' && isDigit(second))) {
        return scanNumber(text, offset);
    }
    if (isWordStart(first)) {
        return { kind: 'word', end: endOf(text, offset + 1, WORD_CHARACTERS) };
    }
    return scanVariableOrOperator(text, offset);
}

function scanVariableOrOperator(text: string, offset: number): Scanned {
    const first = text.charAt(offset);
    if (first === '?') {
        return { kind: 'variable', end: endOf(text, offset + 1, DIGITS) };
    }
    if (first === ':' || first === '@' || first === '$' || first === '#') {
        const end = endOf(text, offset + 1, WORD_CHARACTERS);
        return { kind: end === offset + 1 ? 'illegal' : 'variable', end };
    }
    if (text.startsWith('->>', offset)) {
        return { kind: 'operator', end: offset + 3 };
    }
    if (TWO_CHARACTER_OPERATORS.has(text.slice(offset, offset + 2))) {
        return { kind: 'operator', end: offset + 2 };
    }
    return { kind: ONE_CHARACTER_OPERATORS.has(first) ? 'operator' : 'illegal', end: offset + 1 };
}

/** A string or a quoted identifier; a doubled quote is one quote. */
function scanQuoted(text: string, offset: number, quote: string): Scanned {
    const kind = quote === "'" ? 'string' : 'identifier';
    for (let close = text.indexOf(quote, offset + 1); close !== -1; close = text.indexOf(quote, close + 2)) {
        if (text.charAt(close + 1) !== quote) {
            return { kind, end: close + 1 };
        }
    }
    return { kind: 'illegal', end: text.length, unclosed: true };
}

function scanBlob(text: string, offset: number): Scanned {
    const digitsEnd = endOf(text, offset + 2, HEX_DIGITS);
    if (text.charAt(digitsEnd) === "'" && (digitsEnd - offset) % 2 === 0) {
        return { kind: 'blob', end: digitsEnd + 1 };
    }
    return { ...closedBy(text, "'", digitsEnd, 'illegal'), kind: 'illegal' };
}

/** Integers, reals, hexadecimal; digits may be separated by `_` since 3.46. `1abc` as a whole is illegal. */
function scanNumber(text: string, offset: number): Scanned {
    let end: number;
    if (/^0[xX][0-9a-fA-F]/.test(text.slice(offset, offset + 3))) {
        end = endOf(text, offset + 3, HEX_DIGITS_OR_SEPARATORS);
    } else {
        end = endOf(text, offset, DIGITS_OR_SEPARATORS);
        if (text.charAt(end) === '.') {
            end = endOf(text, end + 1, DIGITS_OR_SEPARATORS);
        }
        const exponent = /^[eE][+-]?[0-9]/.exec(text.slice(end, end + 3));
        if (exponent !== null) {
            end = endOf(text, end + exponent[0].length, DIGITS_OR_SEPARATORS);
        }
    }
    const wordEnd = endOf(text, end, WORD_CHARACTERS);
    return { kind: wordEnd === end ? 'number' : 'illegal', end: wordEnd };
}

function closedBy(text: string, close: string, from: number, kind: SqlTokenKind): Scanned {
    const found = text.indexOf(close, from);
    if (found !== -1) {
        return { kind, end: found + close.length };
    }
    return { kind: kind === 'comment' ? 'comment' : 'illegal', end: text.length, unclosed: true };
}

/**
 * Runs of characters of one kind, matched at `lastIndex`. A run tokenizes a few files, before V8 optimises anything; one
 * regular expression for a run of characters is three times as fast as a call per character.
 */
const SPACES = /[ \n\t\r\f\v]*/y;
const DIGITS = /[0-9]*/y;
const DIGITS_OR_SEPARATORS = /[0-9_]*/y;
const HEX_DIGITS = /[0-9a-fA-F]*/y;
const HEX_DIGITS_OR_SEPARATORS = /[0-9a-fA-F_]*/y;
/** Letters, digits, `_`, `$` and everything beyond ASCII. */
const WORD_CHARACTERS = /[a-zA-Z0-9_$\u0080-\uffff]*/y;

function endOf(text: string, from: number, run: RegExp): number {
    run.lastIndex = from;
    run.test(text);
    return run.lastIndex;
}

/** In SQLite a vertical tab may continue white space but not begin it. */
function isSpaceStart(character: string): boolean {
    return character === ' ' || character === '\n' || character === '\t' || character === '\r' || character === '\f';
}

function isDigit(character: string): boolean {
    return character >= '0' && character <= '9';
}

function isWordStart(character: string): boolean {
    return (
        (character >= 'a' && character <= 'z') ||
        (character >= 'A' && character <= 'Z') ||
        character === '_' ||
        character > '\u007f'
    );
}

/** Number of line feeds inside a token: most kinds of token can have none. */
export function lineFeeds({ kind, text }: SqlToken): number {
    if (kind === 'word' || kind === 'operator' || kind === 'number' || kind === 'semicolon') {
        return 0;
    }
    let count = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
        count++;
    }
    return count;
}
