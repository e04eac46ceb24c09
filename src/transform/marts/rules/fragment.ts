import { isTrivia, type SqlToken, sqlTokens } from '../../../sql/tokens.ts';

/** A column of one occurrence of a table in a way. */
export interface ColumnRef {
    readonly occurrence: number;
    readonly column: string;
}

/** What is null where a side of an outer join is missing, whatever it is made of. */
export interface OfSide {
    readonly side: number;
    readonly text: Fragment;
}

/** SQL text in which the columns of tables are not written yet: under which names, only an arm decides. */
export type Fragment = readonly FragmentPart[];
export type FragmentPart = string | ColumnRef | OfSide;

/** A piece of a person's SQL on one line: without comments, one blank for white space. */
export function onOneLine(sql: string): string {
    return joined(sqlTokens(sql), (token) => token.text);
}

/** The same for two texts that differ in nothing but layout and the case of words. */
export function fragmentKey(fragment: Fragment): string {
    return fragment
        .map((part) => {
            if (typeof part === 'string') {
                return wordKey(part);
            }
            return 'side' in part
                ? `\u27e6${part.side}: ${fragmentKey(part.text)}\u27e7`
                : `\u27e6${part.occurrence}.${part.column}\u27e7`;
        })
        .join('');
}

/** As `fragmentKey`, of a text. */
export function wordKey(sql: string): string {
    return joined(
        sqlTokens(sql).filter((token) => !isTrivia(token)),
        (token) => (token.kind === 'word' ? token.text.toLowerCase() : token.text),
        ' ',
    );
}

/** A fragment as SQL, with names for its columns. */
export function fragmentText(fragment: Fragment, nameOf: (occurrence: number, column: string) => string): string {
    return columnsIn(fragment)
        .map((part) => (typeof part === 'string' ? part : nameOf(part.occurrence, part.column)))
        .join('');
}

/** The texts and columns of a fragment in order. */
export function columnsIn(fragment: Fragment): readonly (string | ColumnRef)[] {
    return fragment.flatMap((part) => (typeof part !== 'string' && 'side' in part ? columnsIn(part.text) : [part]));
}

/** The fragment where all columns of the occurrences, and all sides, of `lost` are null. */
export function withoutLost(fragment: Fragment, lost: ReadonlySet<number>): Fragment {
    return fragment.map((part) => {
        if (typeof part === 'string') {
            return part;
        }
        if ('side' in part) {
            return lost.has(part.side) ? 'null' : { ...part, text: withoutLost(part.text, lost) };
        }
        return lost.has(part.occurrence) ? 'null' : part;
    });
}

/** The fragment of other occurrences and sides. */
export function renumberedText(fragment: Fragment, of: (id: number) => number): Fragment {
    return fragment.map((part) => {
        if (typeof part === 'string') {
            return part;
        }
        return 'side' in part
            ? { side: of(part.side), text: renumberedText(part.text, of) }
            : { ...part, occurrence: of(part.occurrence) };
    });
}

function joined(tokens: readonly SqlToken[], textOf: (token: SqlToken) => string, between = ''): string {
    let text = '';
    for (const token of tokens) {
        if (!isTrivia(token)) {
            text += text === '' ? textOf(token) : between + textOf(token);
        } else if (!text.endsWith(' ')) {
            text += ' ';
        }
    }
    return text;
}
