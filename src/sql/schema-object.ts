import { isTrivia, nameOf, nextToken, type SqlToken, wordOf } from './tokens.ts';

/** What `create` and `drop` statements create and drop. */
export type SchemaType = 'table' | 'view' | 'trigger' | 'index';

/** The object that a `create` or `drop` statement names. */
export interface SchemaObject {
    readonly type: SchemaType;
    /** Without its schema. */
    readonly name: string;
    /** Empty if the statement names none. */
    readonly schema: string;
    /** The word before the type: `unique`, `temp`, `temporary` or `virtual`; empty if there is none. */
    readonly modifier: string;
    /** It says `if exists` or `if not exists`. */
    readonly isConditional: boolean;
    /** Where the name begins, in UTF-16 units from the start of the statement. */
    readonly nameOffset: number;
}

const TYPES: ReadonlySet<string> = new Set<SchemaType>(['table', 'view', 'trigger', 'index']);

/** The longest head: `create temporary table if not exists schema . name`. */
const HEAD_TOKENS_MAX = 9;

/** The object of `create [modifier] <type> [if not exists] [schema.]<name> …`; undefined for other statements. */
export function createdObject(sql: string): SchemaObject | undefined {
    return objectOf('create', sql);
}

/** The object of `drop <type> [if exists] [schema.]<name>`; undefined for other statements. */
export function droppedObject(sql: string): SchemaObject | undefined {
    return objectOf('drop', sql);
}

function objectOf(verb: string, sql: string): SchemaObject | undefined {
    const tokens = headTokens(sql);
    const typeAt = TYPES.has(wordOf(tokens[1]) ?? '') ? 1 : 2;
    const type = wordOf(tokens[typeAt]) ?? '';
    if (wordOf(tokens[0]) !== verb || !TYPES.has(type)) {
        return undefined;
    }
    const isConditional = wordOf(tokens[typeAt + 1]) === 'if';
    const firstAt = typeAt + 1 + (isConditional ? (wordOf(tokens[typeAt + 2]) === 'not' ? 3 : 2) : 0);
    const isQualified = tokens[firstAt + 1]?.text === '.';
    const named = tokens[isQualified ? firstAt + 2 : firstAt];
    const name = nameOf(named);
    if (named === undefined || name === undefined) {
        return undefined;
    }
    return {
        type: type as SchemaType,
        name,
        schema: isQualified ? (nameOf(tokens[firstAt]) ?? '') : '',
        modifier: typeAt === 1 ? '' : (wordOf(tokens[1]) ?? ''),
        isConditional,
        nameOffset: named.offset,
    };
}

/** Only the first tokens: the rest of a statement may be long. */
function headTokens(sql: string): readonly SqlToken[] {
    const tokens: SqlToken[] = [];
    for (let offset = 0; offset < sql.length && tokens.length < HEAD_TOKENS_MAX; ) {
        const token = nextToken(sql, offset, 1);
        if (!isTrivia(token)) {
            tokens.push(token);
        }
        offset += token.text.length;
    }
    return tokens;
}
