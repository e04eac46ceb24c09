import type { EmitEvent, Shape, SqlValue } from '../core/stream-event.ts';
import { type ConnectType, pgTypeOf } from './connect-type.ts';
import { connectValue, type RawValue } from './connect-value.ts';
import type { Columns, DeclaredType, Shapes } from './shapes.ts';

/** A field of a row or of a key. */
export interface Field {
    readonly name: string;
    readonly type: ConnectType;
    readonly raw: RawValue;
    /** Where the pipeline declares the column: its PostgreSQL type, and the value as that takes it. */
    readonly declared?: DeclaredField | undefined;
}

export interface DeclaredField {
    readonly pgType: string;
    /** @throws Refusal. */
    read(): SqlValue;
}

/** A change of a row whose fields bring their types. */
export interface KeyedChange {
    readonly op: Shape['op'];
    readonly schema: string;
    readonly table: string;
    readonly fields: readonly Field[];
    /** What names the row: the fields of the message's key, else the whole row as it was. */
    readonly old: readonly Field[];
    /** Null: not known. */
    readonly primaryKey: readonly string[] | null;
    readonly xid: string | null;
    readonly record: number;
}

/** @throws Refusal. */
export function emitChange(shapes: Shapes, declared: DeclaredType, change: KeyedChange, emit: EmitEvent): void {
    const { op, schema, table, fields, old, primaryKey, xid, record } = change;
    const parts = { op, schema, table, columns: columnsOf(fields), oldColumns: columnsOf(old), primaryKey };
    const { shape } = shapes.intern(parts);
    const relation = `${schema}.${table}`;
    const stored = ({ name, type, raw, declared: known }: Field): SqlValue => {
        const value = known === undefined ? connectValue(raw, type, name) : known.read();
        return value !== null && typeof value !== 'string' && declared(relation, name) === 'TEXT'
            ? String(value)
            : value;
    };
    emit({
        kind: 'change',
        shape,
        values: fields.map(stored),
        old: old.map(stored),
        scanned: null,
        lsn: null,
        xid,
        record,
        change: 1,
        offset: 0,
    });
}

function columnsOf(fields: readonly Field[]): Columns {
    return {
        names: fields.map(({ name }) => name),
        types: fields.map(({ type, declared }) => declared?.pgType ?? pgTypeOf(type)),
    };
}
