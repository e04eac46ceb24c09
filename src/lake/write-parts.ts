import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { shorten } from '../core/errors.ts';
import { ParquetFileWriter } from '../parquet/parquet-file-writer.ts';
import { failpoint } from '../process/failpoint.ts';
import { makeFolder } from '../process/make-folder.ts';
import { syncFolder } from '../process/sync-folder.ts';
import { quoteName } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';
import { ChangeFacts } from './change-facts.ts';
import type { LakePart, LakeTable, Misfit } from './manifest.ts';
import { type PartColumn, partColumns } from './part-columns.ts';
import { MISFIT, toLakeValue } from './to-lake-value.ts';

export interface PartsRequest {
    readonly table: Pick<LakeTable, 'staging' | 'columns' | 'oldKey' | 'json'>;
    /** The folder of the table's parts. */
    readonly folder: string;
    /** Rows with `after < _seq <= upTo`. */
    readonly after: number;
    readonly upTo: number;
    /** Part of each file's name: no two pushes write the same file. */
    readonly token: string;
    readonly limits: PartLimits;
    /** Called after each row group with the number of rows so far; throws to stop. */
    readonly breathe: (rows: number) => Promise<void>;
}

/** What can grow with the input. */
export interface PartLimits {
    /** A row group is held in memory: as many rows, as many values of all columns, or as many characters of text. */
    readonly groupRowsMax: number;
    readonly groupValuesMax: number;
    readonly groupCharactersMax: number;
    /** The first part of a table; the later ones are to have `partBytes`. */
    readonly firstPartRows: number;
    readonly partRowsMax: number;
    readonly partBytes: number;
}

export const PART_LIMITS: PartLimits = {
    groupRowsMax: 20_000,
    groupValuesMax: 200_000,
    groupCharactersMax: 4 * 1_024 * 1_024,
    firstPartRows: 100_000,
    partRowsMax: 1_000_000,
    partBytes: 128 * 1_024 * 1_024,
};

/** The parts that were written; or, if values did not fit, none, and the first one of each column. */
export type WrittenParts =
    | { readonly parts: readonly LakePart[]; readonly facts: ChangeFacts }
    | { readonly misfits: ReadonlyMap<string, Misfit> };

/** Writes rows of a staging table as parts, in order of `_seq`. The caller holds a read transaction. */
export async function writeParts(database: Database, request: PartsRequest): Promise<WrittenParts> {
    const { table, folder, upTo, limits } = request;
    const columns = partColumns(table);
    const parts: LakePart[] = [];
    const misfits = new Map<string, Misfit>();
    const facts = new ChangeFacts();
    const written: string[] = [];
    let rows = 0;
    const breathe = async (more: number): Promise<void> => {
        rows += more;
        await request.breathe(rows);
    };
    let size = limits.firstPartRows;
    for (let after = request.after; ; ) {
        const range = nextRange(database, table.staging, after, upTo, size);
        if (range === undefined) {
            break;
        }
        const file = `part-${range.first}-${range.last}-${request.token.slice(0, 8)}.parquet`;
        makeFolder(folder);
        written.push(join(folder, file));
        const part = await writePart(database, {
            ...request,
            columns,
            range,
            path: join(folder, file),
            misfits,
            facts,
            breathe,
        });
        if (part !== undefined) {
            parts.push({ file, firstSeq: range.first, lastSeq: range.last, ...part });
            const bytesOfRow = Math.max(1, part.bytes / part.rows);
            size = Math.min(
                limits.partRowsMax,
                Math.max(limits.groupRowsMax, Math.floor(limits.partBytes / bytesOfRow)),
            );
        }
        failpoint('lake-part');
        after = range.last;
    }
    if (misfits.size > 0) {
        for (const path of written) {
            rmSync(path, { force: true });
        }
        return { misfits };
    }
    if (parts.length > 0) {
        syncFolder(folder);
    }
    return { parts, facts };
}

interface Range {
    readonly first: number;
    readonly last: number;
}

/** The next rows, at most `size`; undefined if there are none. */
function nextRange(database: Database, staging: string, after: number, upTo: number, size: number): Range | undefined {
    const name = quoteName(staging);
    const inside = `from ${name} where _seq > :after and _seq <= :upTo`;
    const first = database.prepare(`select min(_seq) ${inside}`).pluck().get({ after, upTo }) as number | null;
    if (first === null) {
        return undefined;
    }
    const at = database
        .prepare(`select _seq ${inside} order by _seq limit 1 offset :offset`)
        .pluck()
        .get({ after, upTo, offset: size - 1 }) as number | undefined;
    const last = at ?? (database.prepare(`select max(_seq) ${inside}`).pluck().get({ after, upTo }) as number);
    return { first, last };
}

interface PartRequest extends PartsRequest {
    readonly columns: readonly PartColumn[];
    readonly range: Range;
    readonly path: string;
    /** Grows; once there is one, nothing more is written, and the other columns are only looked at. */
    readonly misfits: Map<string, Misfit>;
    readonly facts: ChangeFacts;
}

async function writePart(
    database: Database,
    { table, columns, range, path, misfits, facts, limits, breathe }: PartRequest,
): Promise<Pick<LakePart, 'rows' | 'bytes' | 'sha256'> | undefined> {
    const writer = misfits.size === 0 ? new ParquetFileWriter(path, columns, 'zstd') : undefined;
    const group = new RowGroup(columns, misfits);
    const rows = database
        .prepare(
            `select ${columns.map(({ sql }) => sql).join(', ')} from ${quoteName(table.staging)}
            where _seq between ? and ? order by _seq`,
        )
        .raw()
        .safeIntegers()
        .iterate(range.first, range.last) as Iterable<unknown[]>;
    const flush = async (): Promise<void> => {
        if (misfits.size === 0) {
            writer?.write(group.columns, group.rows);
        }
        const count = group.rows;
        group.clear();
        await breathe(count);
    };
    try {
        for (const row of rows) {
            group.add(row);
            facts.note(row);
            if (group.isFull(limits)) {
                await flush();
            }
        }
        if (group.rows > 0) {
            await flush();
        }
    } catch (error) {
        writer?.abandon();
        throw error;
    }
    if (misfits.size === 0) {
        return writer?.finish();
    }
    writer?.abandon();
    return undefined;
}

/** Rows on their way into a row group, by column. */
class RowGroup {
    readonly columns: unknown[][];
    rows = 0;
    characters = 0;
    readonly #columns: readonly PartColumn[];
    readonly #convert: readonly ReturnType<typeof toLakeValue>[];
    readonly #misfits: Map<string, Misfit>;

    constructor(columns: readonly PartColumn[], misfits: Map<string, Misfit>) {
        this.columns = columns.map(() => []);
        this.#columns = columns;
        this.#convert = columns.map(({ type }) => toLakeValue(type));
        this.#misfits = misfits;
    }

    add(row: readonly unknown[]): void {
        for (let index = 0; index < this.columns.length; index++) {
            const value = row[index];
            const converted = (this.#convert[index] as ReturnType<typeof toLakeValue>)(value);
            if (converted === MISFIT) {
                this.#note(index, value, row[0]);
            }
            if (typeof value === 'string') {
                this.characters += value.length;
            }
            (this.columns[index] as unknown[]).push(converted);
        }
        this.rows++;
    }

    isFull({ groupRowsMax, groupValuesMax, groupCharactersMax }: PartLimits): boolean {
        return (
            this.rows >= groupRowsMax ||
            this.rows * this.columns.length >= groupValuesMax ||
            this.characters >= groupCharactersMax
        );
    }

    clear(): void {
        for (const column of this.columns) {
            column.length = 0;
        }
        this.rows = 0;
        this.characters = 0;
    }

    #note(index: number, value: unknown, seq: unknown): void {
        const { of, name, type } = this.#columns[index] as PartColumn;
        if (of === null) {
            throw new Error(`${name} of _seq ${String(seq)} is not of type ${type}: ${typeof value}`);
        }
        if (!this.#misfits.has(of)) {
            this.#misfits.set(of, { type, seq: Number(seq), value: shorten(String(value), 60) });
        }
    }
}
