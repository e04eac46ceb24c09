/** The type of a column at its targets. */
export interface PushType {
    /** In PostgreSQL's words, as `format_type` gives them: `timestamp with time zone`, `numeric(10,2)`. */
    readonly postgres: string;
    readonly kind: PushKind;
}

/** How a value is written. */
export type PushKind = 'boolean' | 'integer' | 'float' | 'numeric' | 'date' | 'timestamp' | 'json' | 'bytes' | 'text';

/** What a head may say, with other words for the same. */
const BY_WORD: Readonly<Record<string, PushType>> = {
    boolean: { postgres: 'boolean', kind: 'boolean' },
    smallint: { postgres: 'smallint', kind: 'integer' },
    integer: { postgres: 'integer', kind: 'integer' },
    bigint: { postgres: 'bigint', kind: 'integer' },
    numeric: { postgres: 'numeric', kind: 'numeric' },
    real: { postgres: 'real', kind: 'float' },
    'double precision': { postgres: 'double precision', kind: 'float' },
    date: { postgres: 'date', kind: 'date' },
    timestamp: { postgres: 'timestamp without time zone', kind: 'timestamp' },
    timestamptz: { postgres: 'timestamp with time zone', kind: 'timestamp' },
    time: { postgres: 'time without time zone', kind: 'text' },
    uuid: { postgres: 'uuid', kind: 'text' },
    json: { postgres: 'json', kind: 'json' },
    jsonb: { postgres: 'jsonb', kind: 'json' },
    text: { postgres: 'text', kind: 'text' },
    bytea: { postgres: 'bytea', kind: 'bytes' },
};

/** Names as the stream has them beside those above. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
    bool: 'boolean',
    int2: 'smallint',
    int4: 'integer',
    int8: 'bigint',
    float4: 'real',
    float8: 'double precision',
    'timestamp without time zone': 'timestamp',
    'timestamp with time zone': 'timestamptz',
    'time without time zone': 'time',
};

export const PUSH_TYPES: readonly string[] = [...Object.keys(BY_WORD), 'numeric(10,2)'];

/** Undefined for a type that a target need not have: an enum, a domain, an array. Their text is kept as text. */
export function typeOfPostgres(type: string): PushType | undefined {
    const word = type.trim().toLowerCase();
    if (/^numeric\(\d+(?:,-?\d+)?\)$/.test(word)) {
        return { postgres: word, kind: 'numeric' };
    }
    // What staging holds of bytes is text without PostgreSQL's `\x`.
    return word === 'bytea' ? undefined : BY_WORD[OTHER_WORDS[word.replace(/\(\d\)/, '')] ?? word];
}

/** By the declared type of a column in a STRICT table, in lower case; what may hold anything is text. */
export function typeOfSqlite(type: string): PushType {
    const words: Readonly<Record<string, string>> = {
        int: 'bigint',
        integer: 'bigint',
        real: 'double precision',
        blob: 'bytea',
    };
    return BY_WORD[words[type] ?? 'text'] as PushType;
}
