import Sqlite from 'better-sqlite3';
import { quoteName } from '../sql/quote.ts';
import { type CatalogueRelation, readCatalogue, saveColumn, saveRelation } from '../ledger/catalogue.ts';
import type { Database } from '../sqlite/database.ts';
import { insertLoadRow, type LoadRow, readLoad } from '../ledger/loads.ts';

/**
 * A database of its own in which a load can be landed once more as it was landed then: empty staging tables as they
 * were before it, what was known of the stream, and the load's row of the ledger as if it were to be resumed at its
 * beginning. Only the load itself is there, so that nothing else can be taken for it.
 */
export function rewoundTo(database: Database, load: LoadRow, file: string): Database {
    const scratch = new Sqlite(file);
    // It is thrown away: a crash leaves nothing that anybody reads.
    scratch.pragma('synchronous = OFF');
    scratch.pragma('journal_mode = MEMORY');
    for (const sql of schemaOf(database, "name glob 'elt_*' or tbl_name glob 'elt_*'")) {
        scratch.exec(sql);
    }
    const seq = load.first_seq ?? 1;
    for (const relation of catalogueBefore(database, seq)) {
        makeStaging(database, scratch, relation);
    }
    copyTransactions(database, scratch, load);
    setStream(database, scratch, load, seq);
    const before = load.continues === null ? undefined : readLoad(database, load.continues);
    insertLoadRow(scratch, {
        ...load,
        state: 'loading',
        continues: null,
        end_byte: load.start_byte,
        // The hash of no bytes, or of those that the load before it read.
        sha256: before?.sha256 ?? 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        frame_state: before?.frame_state ?? 'null',
        open_position: null,
        records: 0,
        changes: 0,
        messages: 0,
        rejected: 0,
        repeated: 0,
        first_seq: null,
        last_seq: null,
        finished_at: null,
    });
    return scratch;
}

function schemaOf(database: Database, where: string): string[] {
    return database
        .prepare(`select sql from sqlite_schema where sql is not null and (${where}) order by rowid`)
        .pluck()
        .all() as string[];
}

/** The catalogue before `seq`, by taking back the drift that came since. */
function catalogueBefore(database: Database, seq: number): readonly CatalogueRelation[] {
    const relations = readCatalogue(database).filter(
        (relation) => relation.firstSeq < seq || isDeclared(database, relation),
    );
    const later = database
        .prepare('select staging_table, kind, column_name, was from elt_drift where _seq >= ? order by drift_id desc')
        .all(seq) as { staging_table: string; kind: string; column_name: string; was: string | null }[];
    for (const drift of later) {
        const relation = relations.find(({ stagingTable }) => stagingTable === drift.staging_table);
        const at = relation?.columns.findIndex(({ columnName }) => columnName === drift.column_name) ?? -1;
        const column = relation?.columns[at];
        if (relation === undefined || column === undefined) {
            continue;
        }
        if (drift.kind === 'added') {
            relation.columns.splice(at, 1);
        } else if (drift.kind === 'retyped') {
            column.pgType = drift.was;
        } else {
            // Only whether it lived counts: a column that `returned` was gone before, one that was `dropped` was not.
            column.droppedSeq =
                drift.kind === 'returned' ? seq - 1 : drift.kind === 'dropped' ? null : column.droppedSeq;
        }
    }
    return relations;
}

/** A table that a declaration made has no load: what lands in it later finds it there. */
function isDeclared(database: Database, { stagingTable, firstSeq }: CatalogueRelation): boolean {
    const first = database
        .prepare(`select min(_seq) from ${quoteName(stagingTable)}`)
        .pluck()
        .get() as number | null;
    return first === null || first > firstSeq;
}

function makeStaging(database: Database, scratch: Database, relation: CatalogueRelation): void {
    const table = quoteName(relation.stagingTable);
    const [sql = ''] = schemaOf(database, `type = 'table' and name = '${relation.stagingTable.replaceAll("'", "''")}'`);
    scratch.exec(sql);
    const known = new Set(relation.columns.map(({ columnName }) => columnName));
    const columns = scratch.prepare('select name from pragma_table_info(?)').pluck().all(relation.stagingTable);
    for (const name of (columns as string[]).filter((column) => !column.startsWith('_') && !known.has(column))) {
        scratch.exec(`alter table ${table} drop column ${quoteName(name)}`);
    }
    saveRelation(scratch, relation);
    for (const column of relation.columns) {
        saveColumn(scratch, relation.stagingTable, column);
    }
}

/** Which source transactions had landed before: they are left out again. */
function copyTransactions(database: Database, scratch: Database, load: LoadRow): void {
    const insert = scratch.prepare('insert into elt_transactions (position, xid, load_id) values (?, ?, ?)');
    const rows = database
        .prepare('select position, xid, load_id from elt_transactions where load_id < ?')
        .raw()
        .safeIntegers()
        .iterate(load.load_id) as IterableIterator<[bigint, string, bigint]>;
    scratch.exec('begin');
    for (const row of rows) {
        insert.run(row);
    }
    scratch.exec('commit');
}

/** The stream as it stood: where the source before ended inside a transaction, this load goes on with it. */
function setStream(database: Database, scratch: Database, load: LoadRow, seq: number): void {
    const open = database
        .prepare('select open_position from elt_loads where load_id < ? order by load_id desc limit 1')
        .pluck()
        .get(load.load_id) as string | null | undefined;
    const transaction = typeof open === 'string' ? openTransaction(database, seq, open) : undefined;
    const staged = transaction?.staged ?? null;
    scratch
        .prepare(
            `insert or replace into elt_stream (
                only_row, last_seq, whole_seq, open_xid, open_position, open_committed_at, open_changes, open_seen
            )
            values (1, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
            seq - 1,
            seq - 1,
            transaction?.xid ?? null,
            transaction === undefined ? null : open || null,
            transaction?.committedAt ?? null,
            staged,
            staged,
        );
}

interface OpenTransaction {
    readonly xid: string | null;
    readonly committedAt: string | null;
    /** How many of its changes had landed. */
    readonly staged: number;
}

/** The source transaction that was open before `seq`: what the rows around that place and its end, if it came, say. */
function openTransaction(database: Database, seq: number, position: string): OpenTransaction | undefined {
    const last = nearestRow(database, '_seq < ?', 'desc', seq);
    const [high = '', low = ''] = position.split('/');
    const ended = /^[0-9A-F]+$/i.test(high + low)
        ? database
              .prepare('select xid from elt_transactions where position = ?')
              .pluck()
              .get((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low || '0'}`))
        : undefined;
    const xid = typeof ended === 'string' ? ended : (last?._xid ?? null);
    if (last === undefined || last._xid !== xid) {
        // Its beginning had come, and none of its changes.
        const next = nearestRow(database, '_seq >= ? and _xid is ?', 'asc', seq, xid);
        return { xid, committedAt: next?._committed_at ?? null, staged: 0 };
    }
    const before = nearestRow(database, '_seq < ? and _xid is not ?', 'desc', seq, xid)?._seq ?? 0;
    return { xid, committedAt: last._committed_at, staged: seq - 1 - before };
}

interface StreamRow {
    readonly _seq: number;
    readonly _xid: string | null;
    readonly _committed_at: string | null;
}

/** The first of the staged rows and messages in that order. */
function nearestRow(
    database: Database,
    where: string,
    order: 'asc' | 'desc',
    ...values: readonly (number | string | null)[]
): StreamRow | undefined {
    const tables = database.prepare('select staging_table from elt_relations').pluck().all() as string[];
    const rows = [...tables, 'elt_messages'].flatMap((table) => {
        const from = `from ${quoteName(table)} where ${where} order by _seq ${order} limit 1`;
        return database.prepare(`select _seq, _xid, _committed_at ${from}`).all(...values) as StreamRow[];
    });
    const sign = order === 'asc' ? 1 : -1;
    return rows.sort((left, right) => sign * (left._seq - right._seq))[0];
}
