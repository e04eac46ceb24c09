import type { SqliteType } from '../core/storage-types.ts';
import type { CatalogueColumn, CatalogueRelation } from '../ledger/catalogue.ts';
import { keyNames } from '../sql/key-text.ts';
import { lakeTypeOf } from './lake-type.ts';
import type { LakeColumn, LakeJsonColumn, LakeOldKeyColumn, LakeTable, Misfit } from './manifest.ts';
import type { JsonRead } from './marts-json.ts';

/** What the project says of a table. */
export interface TableFacts {
    /** The key in the file of the current table; undefined: it has none. */
    readonly key: readonly string[] | undefined;
    readonly json: readonly JsonRead[];
}

/** What may keep earlier parts from staying. */
export interface EarlierParts {
    readonly mustBeAnew: boolean;
    /** Whether a change in them has an old key: a column that a key has gained may be in it. */
    readonly carriesOldKeys: () => boolean;
}

/** What the parts of a table hold from now on. */
export interface TablePlan {
    readonly table: Omit<LakeTable, 'parts' | Facts>;
    /** Parts from before cannot stay. */
    readonly isAnew: boolean;
}

type Facts = 'lastTruncate' | 'lastMove' | 'lastPatch' | 'lastDraggingMove' | 'lastOldKeyDelete';

/** The type of a column whose declared one does not hold all values. */
const FALLBACK = { INTEGER: 'integer', REAL: 'double', TEXT: 'text', ANY: 'text' } as const satisfies Record<
    SqliteType,
    string
>;

/**
 * What the parts of a table hold. Columns are only added, and each keeps its type, so that all parts can be read by one
 * schema; where that cannot be, all parts are written anew.
 */
export function planTable(
    relation: CatalogueRelation,
    earlier: LakeTable | undefined,
    { key, json }: TableFacts,
    misfits: ReadonlyMap<string, Misfit>,
    { mustBeAnew, carriesOldKeys }: EarlierParts,
): TablePlan {
    const before = new Map(earlier?.columns.map((column) => [column.name, column]));
    const columns = relation.columns.map((column) => planColumn(column, before.get(column.columnName), misfits));
    const keys = relation.keys.map((one) => ({ seq: one.seq, key: keyNames(one.key) }));
    const own = key ?? keys.at(-1)?.key ?? streamKey(relation) ?? [];
    const oldKey = planOldKey([...own, ...keys.flatMap((one) => one.key)], earlier, columns);
    const extracted = planJson(relation, earlier, json);
    const isAnew =
        earlier !== undefined &&
        earlier.parts.length > 0 &&
        (mustBeAnew ||
            earlier.columns.some(({ name, type }) => columns.find((one) => one.name === name)?.type !== type) ||
            extracted.length > earlier.json.length ||
            (oldKey.length > earlier.oldKey.length && carriesOldKeys()));
    return {
        isAnew,
        table: {
            staging: relation.stagingTable,
            schema: relation.schema,
            table: relation.table,
            revision: (earlier?.revision ?? 1) + (isAnew ? 1 : 0),
            key: own,
            keys,
            columns,
            oldKey,
            json: extracted,
        },
    };
}

function planColumn(
    { columnName: name, sourceName, pgType, sqliteType }: CatalogueColumn,
    before: LakeColumn | undefined,
    misfits: ReadonlyMap<string, Misfit>,
): LakeColumn {
    const declared = lakeTypeOf(pgType, sqliteType);
    const known = before?.misfit?.type === declared ? before.misfit : null;
    const misfit = misfits.get(name) ?? known;
    const type = misfit === null ? declared : FALLBACK[sqliteType];
    return { name, sourceName, pgType, sqliteType, type, misfit };
}

function streamKey({ identity, identityFull, primaryKey, columns }: CatalogueRelation): readonly string[] | undefined {
    const names = (identityFull ? null : identity) ?? primaryKey;
    return names?.flatMap((name) => columns.find(({ sourceName }) => sourceName === name)?.columnName ?? []);
}

function planOldKey(
    names: readonly string[],
    earlier: LakeTable | undefined,
    columns: readonly LakeColumn[],
): readonly LakeOldKeyColumn[] {
    const known = earlier?.oldKey ?? [];
    const added = new Set(names.filter((name) => !known.some(({ column }) => column === name)));
    return [
        ...known,
        ...columns.flatMap(({ name }) => (added.has(name) ? [{ name: `_old_${name}`, column: name }] : [])),
    ];
}

/** Values that no mart reads any more stay: a column that goes would be one more reason to write all parts anew. */
function planJson(
    { stagingTable, columns }: CatalogueRelation,
    earlier: LakeTable | undefined,
    reads: readonly JsonRead[],
): readonly LakeJsonColumn[] {
    const current = stagingTable.replace(/^stg_/, 'current_').toLowerCase();
    const planned = [...(earlier?.json ?? [])];
    for (const read of reads) {
        const column = columns.find(({ columnName }) => columnName.toLowerCase() === read.column)?.columnName;
        const isRead = read.names.has(current) || read.names.has(stagingTable.toLowerCase());
        const isKnown = planned.some((one) => one.column === column && one.path === read.path);
        if (column !== undefined && isRead && !isKnown) {
            planned.push({ name: jsonName(column, read.path, planned), column, path: read.path, read: 'json_text' });
        }
    }
    return planned;
}

/** `_json_error_details_reason`; with a number where that is taken. */
function jsonName(column: string, path: string, planned: readonly LakeJsonColumn[]): string {
    const words = `${column}_${path}`.toLowerCase().replace(/[^a-z0-9]+/g, '_');
    const plain = `_json_${words.replace(/^_+|_+$/g, '')}`;
    const taken = new Set(planned.map(({ name }) => name));
    let name = plain;
    for (let number = 2; taken.has(name); number++) {
        name = `${plain}_${number}`;
    }
    return name;
}
