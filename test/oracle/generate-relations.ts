import type { Random } from '../support/random.ts';
import type { CoverageCase } from './coverage.ts';
import type { Column, Relation } from './relation.ts';
import type { ValueType } from './value-type.ts';
import { BIGINT, BOOLEAN, INTEGER, NUMERIC, TEXT, TIMESTAMP, UUID, VALUE_TYPES, valueType } from './value-types.ts';

const ODD_TABLE_NAMES = [
    'order',
    'select',
    'two words',
    'quote"d',
    "it's",
    'UPPER',
    'Café',
    '日本',
    'back\\slash',
    'semi;colon',
    'a/b',
    '..',
    '.hidden',
    'comma,name',
    'line\nfeed',
    '%s',
    '$1',
    ':name',
    '😀',
    'x'.repeat(63),
    'metrics',
    'stg_x',
    'current_x',
    'changed_x',
    'elt_loads',
    'sqlite_x',
    'rowid',
    '-dash',
    'tab\tname',
];
const ODD_COLUMN_NAMES = [
    'order',
    'select',
    'two words',
    'quote"d',
    "it's",
    'UPPER',
    'Café',
    '日本',
    'back\\slash',
    'semi;colon',
    ',',
    'a,b',
    'line\nfeed',
    '%s',
    '$1',
    ':name',
    '?1',
    '[x]',
    '`tick`',
    '😀',
    'y'.repeat(63),
    'rowid',
    'new',
    'old',
    'excluded',
    'null',
    ' ',
    '"',
    '--',
    '*',
    'value',
    'key',
    'constraint',
    'Key',
    '1st',
];
const BOOKKEEPING_NAMES = [
    '_seq',
    '_op',
    '_load',
    '_lsn',
    '_xid',
    '_committed_at',
    '_old_key',
    '_absent',
    '_Seq',
    '_',
    '_x',
    '__seq',
];

interface Draft {
    readonly columns: readonly Column[];
    readonly key?: readonly string[];
    readonly unique?: readonly string[];
    readonly more?: Partial<Relation>;
}

/** One builder a kind of table. The name is what the coverage table calls it. */
const KINDS: Partial<Record<CoverageCase, (random: Random) => Draft>> = {
    'identity default': (random) => ({ columns: [column('id', INTEGER, true), ...body(random, 6)], key: ['id'] }),
    'identity full': (random) => ({
        columns: [column('id', random.pick([BIGINT, UUID, TEXT]), true), ...body(random, 5)],
        key: ['id'],
        more: { identity: 'full' },
    }),
    'identity using index': (random) => ({
        columns: [
            column('left', INTEGER, true),
            column('right', TEXT, true),
            column('id', INTEGER, true),
            ...body(random, 4),
        ],
        key: ['id'],
        unique: ['left', 'right', 'id'],
        more: { identity: 'index', indexColumns: ['left', 'right'] },
    }),
    'identity nothing': (random) => ({
        columns: [column('id', INTEGER, true), ...body(random, 3)],
        key: ['id'],
        more: { identity: 'nothing' },
    }),
    'deferrable key': (random) => ({
        columns: [column('id', INTEGER, true), ...body(random, 3)],
        key: ['id'],
        more: { deferrable: true },
    }),
    'composite key': (random) => ({
        columns: [
            ...body(random, 2),
            column('second', random.pick([TEXT, UUID, NUMERIC]), true),
            column('first', INTEGER, true),
            column('third', random.pick([TIMESTAMP, valueType('character(6)'), BIGINT]), true),
            ...body(random, 3, 'more'),
        ],
        key: ['first', 'second', 'third'],
    }),
    'table without a key': (random) => ({ columns: body(random, 5) }),
    'table without a key, full': (random) => ({
        columns: [column('number', INTEGER, true), ...body(random, 4)],
        unique: ['number'],
        more: { identity: 'full' },
    }),
    partitions: (random) => ({
        columns: [column('id', INTEGER, true), ...body(random, 4)],
        key: ['id'],
        more: { partitions: ['leaf one', 'leaf_two'] },
    }),
    'toasted key column': (random) => ({
        columns: [{ ...column('long key', LONG_TEXT, true), toasted: true }, ...body(random, 3)],
        key: ['long key'],
    }),
    'odd table name': (random) => ({ columns: [column('id', TEXT, true), ...body(random, 3)], key: ['id'] }),
    'odd column name': (random) => {
        const [key, ...names] = random.sample(ODD_COLUMN_NAMES, 9);
        return {
            columns: [column(key as string, random.pick([TEXT, INTEGER, UUID]), true), ...named(random, names)],
            key: [key as string],
        };
    },
    'bookkeeping name': (random) => {
        const [key, ...names] = random.sample(BOOKKEEPING_NAMES, 8);
        return { columns: [column(key as string, INTEGER, true), ...named(random, names)], key: [key as string] };
    },
    'names that differ only in case': (random) => ({
        columns: [
            column('Id', INTEGER, true),
            column('id', TEXT, true),
            ...named(random, ['val', 'Val', 'VAL', 'id_', 'É', 'é']),
        ],
        key: ['Id', 'id'],
    }),
    'generated column': (random) => ({
        columns: [
            column('id', INTEGER, true),
            { ...column('twice', BIGINT), generated: 'id::bigint * 2' },
            ...body(random, 3),
        ],
        key: ['id'],
    }),
    '1,600 columns': () => ({
        columns: [
            column('id', INTEGER, true),
            ...Array.from({ length: 1_599 }, (_, index) => column(`c${index}`, index % 2 === 0 ? BOOLEAN : SMALL)),
        ],
        key: ['id'],
    }),
    'quoted type name': (random) => ({
        columns: [column('id', INTEGER, true), column('mood', valueType('"S1"."Mood"')), ...body(random, 2)],
        key: ['id'],
    }),
    'no columns': () => ({ columns: [] }),
};

const LONG_TEXT: ValueType = {
    name: 'text',
    odd: [],
    usual: (random) => `'${random.hex(2_500)}'`,
    unique: (n, random) => `'${n}-${random.hex(2_400)}'`,
};
const SMALL: ValueType = { ...valueType('smallint'), odd: ['1', '0'] };

/**
 * Relations of one world: `count` kinds in turn by `seed`, so that a few worlds with seeds in a row meet them all, and
 * one family of tables whose names are easily mixed up.
 */
export function generateRelations(random: Random, count: number, seed: number): Relation[] {
    const kinds = Object.keys(KINDS) as CoverageCase[];
    const turn = Math.floor(seed / 2) * count;
    const chosen = Array.from({ length: count }, (_, index) => kinds[(turn + index) % kinds.length] as CoverageCase);
    const family = [caseFamily, collisionFamily][Math.floor(seed / 2) % 2] ?? caseFamily;
    return [...chosen.map((kind, index) => relationOf(kind, random, index)), ...family(random)];
}

function relationOf(kind: CoverageCase, random: Random, index: number): Relation {
    const draft = KINDS[kind]!(random);
    const odd = kind === 'odd table name';
    const schema = random.chance(25) ? random.pick(['other', 'Sch ema', 'public_', 'S1']) : 'public';
    const cases: CoverageCase[] = [kind, ...(schema === 'public' ? [] : (['schema other than public'] as const))];
    return {
        schema,
        name: odd ? random.pick(ODD_TABLE_NAMES) : `t${index}_${kind.replaceAll(/[^a-z0-9]/g, '_')}`,
        columns: draft.columns,
        key: draft.key ?? [],
        unique: draft.unique ?? draft.key ?? [],
        identity: 'default',
        cases,
        ...draft.more,
    };
}

function caseFamily(random: Random): Relation[] {
    return ['Foo', 'foo', 'FOO'].map((name) => plain('public', name, random, ['tables that differ only in case']));
}

function collisionFamily(random: Random): Relation[] {
    return [
        plain('public', 'a__b', random, ['colliding table names']),
        plain('a', 'b', random, ['colliding table names', 'schema other than public']),
    ];
}

function plain(schema: string, name: string, random: Random, cases: readonly CoverageCase[]): Relation {
    return {
        schema,
        name,
        columns: [column('id', INTEGER, true), ...body(random, 2)],
        key: ['id'],
        unique: ['id'],
        identity: 'default',
        cases,
    };
}

function column(name: string, type: ValueType, notNull = false): Column {
    return { name, type, ...(notNull ? { notNull } : {}) };
}

/** Columns of random types; the first is text stored out of line. */
function body(random: Random, count: number, prefix = 'c'): Column[] {
    const large: Column = { name: `${prefix}_large`, type: TEXT, toasted: true };
    const types = random.sample(VALUE_TYPES, count - 1);
    return [large, ...types.map((type, index) => column(`${prefix}${index}`, type))];
}

function named(random: Random, names: readonly string[]): Column[] {
    return names.map((name, index) =>
        index === 0 ? { name, type: TEXT, toasted: true } : column(name, random.pick(VALUE_TYPES)),
    );
}
