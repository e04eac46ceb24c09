import { EltError } from '../../core/errors.ts';
import type { SqliteType } from '../../core/storage-types.ts';
import { type LakeManifest, type LakePart, type LakeTable, PART_BOOKKEEPING, partPath } from '../../lake/manifest.ts';
import type { PublishedRun } from '../../lake/published-runs.ts';
import type { CurrentSpec } from '../../transform/current/current-spec.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { LakeReader } from '../dialects/lake-reader.ts';
import type { FoldColumn, StagedHistory } from '../fold/staged-history.ts';
import { type JsonColumns, STAGED_BOOKKEEPING, type StagedRelation } from '../plan/engine-tables.ts';

/** A run whose tables are in the lake. */
export type EarlierRun = Pick<PublishedRun, 'run' | 'wholeSeq' | 'tables'>;

/** What a lake gives to a run: the staged rows of each source, and the facts about them. */
export class LakeSupply {
    readonly #folder: string;
    readonly #manifests: readonly LakeManifest[];
    readonly #dialect: Dialect;
    readonly #reader: LakeReader;

    readonly #earlier: EarlierRun | undefined;

    /**
     * `folder`: the address of the lake as the engine reads it. `earlier`: the run whose tables the news are folded on; it
     * is taken where it is of the same one source, and of the same columns.
     */
    constructor(
        folder: string,
        manifests: readonly LakeManifest[],
        dialect: Dialect,
        reader: LakeReader,
        earlier?: EarlierRun,
    ) {
        this.#folder = folder.replace(/\/+$/, '');
        this.#manifests = manifests;
        this.#dialect = dialect;
        this.#reader = reader;
        const [only, ...others] = manifests;
        const isSame = others.length === 0 && earlier?.wholeSeq[only?.source ?? ''] !== undefined;
        this.#earlier = isSame && Object.keys(earlier.wholeSeq).length === 1 ? earlier : undefined;
    }

    /** The columns that SQLite has read out of documents. */
    readonly json: JsonColumns = (staging, column, path) => {
        const same = (one: string): boolean => one.toLowerCase() === column.toLowerCase();
        const names = this.#tables(staging).map(
            ({ table }) => table.json.find((one) => same(one.column) && one.path === path)?.name,
        );
        const [name] = names;
        if (name === undefined || names.some((one) => one !== name)) {
            throw new EltError({
                code: 'LAKE_BEHIND',
                message: `the lake has no column for json_text(${column}, '${path}') of "${staging}"`,
                found: 'a mart reads it since the last push',
                state: 'nothing was printed or run',
                next: 'run "elt lake push" for each source',
            });
        }
        return name;
    };

    /** The statements that name the staged rows of a relation: of each source, and of all of them together. */
    views(relation: StagedRelation): readonly string[] {
        const sources = this.#tables(`stg_${relation.tail}`);
        const all = sources.map((_, number) => `select * from ${this.#dialect.name(this.#name(relation, number))}`);
        return [
            ...sources.flatMap(({ manifest, table }, number) =>
                this.#viewsOf(relation, manifest, table, table.parts, [
                    `fold_files${number + 1}_${relation.tail}`,
                    this.#name(relation, number),
                ]),
            ),
            ...sources.flatMap(({ manifest, table }) => this.#earlierViews(relation, manifest, table)),
            this.#dialect.view(`stg_${relation.tail}`, all.join('\nunion all\n')),
        ];
    }

    /** The history of a relation in each source. */
    histories(spec: CurrentSpec): readonly (StagedHistory & { readonly isIdle: boolean })[] {
        const sources = this.#tables(`stg_${spec.tail}`);
        return sources.map(({ manifest, table }, number) => {
            refuseOther(spec, manifest, table);
            const since = table.lastTruncate ?? 0;
            const before = this.#before(spec, manifest, table);
            const from = Math.max(since, before?.watermark ?? 0);
            const isLater = (seq: number | null): boolean => seq !== null && seq > from;
            return {
                tail: sources.length === 1 ? spec.tail : `${spec.tail}_${number + 1}`,
                changes: this.#dialect.name(
                    before === undefined ? this.#name(spec, number) : `fold_later_${spec.tail}`,
                ),
                before: before && { ...before, rows: this.#dialect.name(`fold_before_${spec.tail}`) },
                isIdle: before !== undefined && laterParts(table, before.watermark).length === 0,
                key: spec.key,
                columns: [...spec.columns, ...this.#documents(table)],
                since,
                whole: manifest.wholeSeq,
                hasPatches: isLater(table.lastPatch),
                hasMoves: isLater(table.lastMove),
                hasDrags: isLater(table.lastDraggingMove),
            };
        });
    }

    /** How far the lake is in each source. */
    get wholeSeq(): Readonly<Record<string, number>> {
        return Object.fromEntries(this.#manifests.map(({ source, wholeSeq }) => [source, wholeSeq]));
    }

    #documents({ json }: LakeTable): readonly FoldColumn[] {
        return json.map(({ name, column }) => ({ name, type: 'TEXT', document: column }));
    }

    #tables(staging: string): readonly { readonly manifest: LakeManifest; readonly table: LakeTable }[] {
        return this.#manifests.flatMap((manifest) => {
            const table = manifest.tables.find((one) => one.staging === staging);
            return table === undefined ? [] : [{ manifest, table }];
        });
    }

    #name({ tail }: { readonly tail: string }, number: number): string {
        return `fold_source${number + 1}_${tail}`;
    }

    /** The columns of a current table in the lake: those of its spec, then values out of its documents. */
    columnsOf(spec: CurrentSpec): readonly FoldColumn[] {
        const [first] = this.#tables(`stg_${spec.tail}`);
        return [...spec.columns, ...(first === undefined ? [] : this.#documents(first.table))];
    }

    /** Where an earlier run stands, if the news of a table can be folded on its rows. */
    #before(
        { tail, columns }: StagedRelation,
        manifest: LakeManifest,
        table: LakeTable,
    ): { readonly watermark: number; readonly files: readonly string[] } | undefined {
        const held = this.#earlier?.tables.find((one) => one.table === `current_${tail}`);
        const watermark = this.#earlier?.wholeSeq[manifest.source] ?? 0;
        const wanted = [...columns, ...this.#documents(table)].map(({ name, type }) => [name, storedAs(type)]);
        const isSame =
            held !== undefined &&
            held.files.length > 0 &&
            JSON.stringify(held.columns.map(({ name, sqliteType }) => [name, sqliteType])) === JSON.stringify(wanted);
        const isBefore = watermark <= manifest.wholeSeq && (table.lastTruncate ?? 0) <= watermark;
        const folder = `${this.#folder}/${manifest.pipeline}/runs/${this.#earlier?.run}`;
        return isSame && isBefore ? { watermark, files: held.files.map((file) => `${folder}/${file}`) } : undefined;
    }

    #earlierViews(relation: StagedRelation, manifest: LakeManifest, table: LakeTable): readonly string[] {
        const before = relation.key.length === 0 ? undefined : this.#before(relation, manifest, table);
        if (before === undefined) {
            return [];
        }
        const columns = [...relation.columns, ...this.#documents(table)].map(({ name, type }) => ({
            name,
            type: RESULT_TYPES[storedAs(type)],
        }));
        const later = laterParts(table, before.watermark);
        const names = [`fold_later_files_${relation.tail}`, `fold_later_${relation.tail}`] as const;
        return [
            this.#reader.files(`fold_before_${relation.tail}`, columns, before.files),
            ...(later.length === 0 ? [] : this.#viewsOf(relation, manifest, table, later, names)),
        ];
    }

    #viewsOf(
        relation: StagedRelation,
        manifest: LakeManifest,
        table: LakeTable,
        parts: readonly LakePart[],
        [read, named]: readonly [files: string, rows: string],
    ): readonly string[] {
        const files = parts.map((part) => `${this.#folder}/${partPath(manifest, table, part)}`);
        const typeOf = new Map(table.columns.map((column) => [column.name, column]));
        const olds = table.oldKey.flatMap(({ name, column }) => {
            const of = typeOf.get(column);
            return of === undefined ? [] : [{ ...of, name }];
        });
        const columns = [
            ...PART_BOOKKEEPING.map(([name, type]) => ({ name, type })),
            ...table.columns,
            ...olds,
            ...table.json.map(({ name }) => ({ name, type: 'text' as const })),
        ];
        const value = ({ name, type, sqliteType }: (typeof table.columns)[number]): string =>
            `${this.#reader.value(this.#dialect.name(name), type, sqliteType === 'REAL')} as ${this.#dialect.name(name)}`;
        const selected = [
            ...STAGED_BOOKKEEPING.map(([name]) => name),
            ...olds.map(value),
            ...relation.columns.map((column) => {
                const of = typeOf.get(column.name);
                const type = this.#dialect.type(column.type);
                return of === undefined ? `cast(null as ${type}) as ${this.#dialect.name(column.name)}` : value(of);
            }),
            ...table.json.map(({ name }) => this.#dialect.name(name)),
        ];
        return [
            this.#reader.files(read, columns, files),
            this.#dialect.view(named, `select\n    ${selected.join(',\n    ')}\nfrom ${this.#dialect.name(read)}`),
        ];
    }
}

function laterParts({ parts }: LakeTable, watermark: number): readonly LakePart[] {
    return parts.filter(({ lastSeq }) => lastSeq > watermark);
}

/** A column that was retyped in flight holds text in current tables. */
export function storedAs(type: SqliteType): 'INTEGER' | 'REAL' | 'TEXT' {
    return type === 'ANY' ? 'TEXT' : type;
}

const RESULT_TYPES = { INTEGER: 'integer', REAL: 'double', TEXT: 'text' } as const;

/** What a fold on an engine cannot follow. */
function refuseOther(spec: CurrentSpec, { source }: LakeManifest, table: LakeTable): void {
    const isOther =
        table.oldKey.length > 0 && spec.key.some((name) => !table.oldKey.some((old) => old.column === name));
    const isLeaf = table.lastTruncate !== null && spec.columns.some(({ name }) => name === 'tableoid');
    const reason =
        isOther || (table.lastMove !== null && table.oldKey.length === 0)
            ? `the lake has other columns of its key: ${table.oldKey.map(({ column }) => column).join(', ')}`
            : isLeaf
              ? 'a truncate of one of its partitions'
              : table.lastOldKeyDelete !== null
                ? `a delete with an old key, at _seq ${table.lastOldKeyDelete}`
                : undefined;
    if (reason !== undefined) {
        throw new EltError({
            code: 'ENGINE_REFUSED',
            message: `the table "current_${spec.tail}" can only be kept in SQLite`,
            where: `source "${source}", ${table.staging}`,
            found: reason,
            state: 'nothing was printed or run',
            next: 'run "elt lake push" if its key has another name now, else "elt transform" without --engine',
        });
    }
}
