import { lsnOf } from '../../core/lsn.ts';
import type { LiveRow } from './live-rows.ts';
import { PAYMENTS_TABLES, type SampleTable } from './tables.ts';

/** The members that all objects of a source transaction share: `"xid":…,"timestamp":"…"`. */
export interface TransactionStamp {
    readonly xid: number;
    /** Commit time as `timestamptz` text. */
    readonly timestamp: string;
}

/** The parts of format 2 that are the same for every row of a table. */
interface TableParts {
    /** `,"schema":"public","table":"…"` */
    readonly relation: string;
    /** Per column `{"name":"…","type":"…","value":`, to be followed by the value and `}`. */
    readonly columns: readonly string[];
    /** `,"pk":[{"name":"…","type":"…"}]}` */
    readonly tail: string;
}

const PARTS = new Map(PAYMENTS_TABLES.map((table) => [table, tableParts(table)]));

function tableParts(table: SampleTable): TableParts {
    const described = table.columns.map(
        ([name, type]) => `{"name":${JSON.stringify(name)},"type":${JSON.stringify(type)}`,
    );
    return {
        relation: `,"schema":"public","table":${JSON.stringify(table.name)}`,
        columns: described.map((column) => `${column},"value":`),
        tail: `,"pk":[${described[0]}}]}`,
    };
}

/** `B` or `C`, with the position of the commit record and the beginning of the next record. */
export function boundaryLine(action: 'B' | 'C', stamp: TransactionStamp, lsn: number, nextLsn: number): string {
    return `${head(action, stamp, lsn)},"nextlsn":"${lsnText(nextLsn)}"}`;
}

/** A change without the members of its source transaction and its position. */
export interface ChangeText {
    readonly action: 'I' | 'U' | 'D';
    /** The object from the schema to its end. */
    readonly body: string;
}

export function changeLine(change: ChangeText, stamp: TransactionStamp, lsn: number): string {
    return head(change.action, stamp, lsn) + change.body;
}

export function insertText(row: LiveRow): ChangeText {
    const { relation, tail } = PARTS.get(row.table)!;
    return { action: 'I', body: `${relation},"columns":[${columnsText(row)}]${tail}` };
}

/** An update: the new row without its out-of-line columns, and the old key. */
export function updateText(row: LiveRow, oldKey: string): ChangeText {
    const { relation, tail } = PARTS.get(row.table)!;
    const body = `${relation},"columns":[${columnsText(row, row.toasted)}]${identityText(row, oldKey)}${tail}`;
    return { action: 'U', body };
}

export function deleteText(row: LiveRow): ChangeText {
    const { relation, tail } = PARTS.get(row.table)!;
    return { action: 'D', body: relation + identityText(row, row.values[0]!) + tail };
}

function head(action: string, stamp: TransactionStamp, lsn: number): string {
    return `{"action":"${action}","xid":${stamp.xid},"timestamp":"${stamp.timestamp}","lsn":"${lsnText(lsn)}"`;
}

function columnsText(row: LiveRow, absent?: ReadonlySet<number>): string {
    const { columns } = PARTS.get(row.table)!;
    let text = '';
    for (let index = 0; index < columns.length; index++) {
        if (absent?.has(index) !== true) {
            text += `${text === '' ? '' : ','}${columns[index]}${row.values[index]}}`;
        }
    }
    return text;
}

function identityText(row: LiveRow, key: string): string {
    return `,"identity":[${PARTS.get(row.table)!.columns[0]}${key}}]`;
}

function lsnText(lsn: number): string {
    return lsnOf(Math.floor(lsn / 0x1_0000_0000), lsn >>> 0);
}
