import type { Frame, RecordFrame, RejectedBytes } from '../../core/frame.ts';
import { objectMembers } from '../../core/json-spans.ts';
import { rejectedBytes } from '../../core/rejected-bytes.ts';
import type { ScannedValues } from '../../core/scanned-values.ts';
import { COLUMNS_MAX } from '../../core/storage-types.ts';
import type { EmitEvent, Shape, SqlValue } from '../../core/stream-event.ts';
import type { TopicRecord } from '../../core/topic-record.ts';
import { utf8Text } from '../../core/utf8-text.ts';
import { type DeclaredColumn, type DeclaredSource, declaredShape } from '../../project/declared-source.ts';
import { asObject } from '../json-checks.ts';
import { Refusal, requireUnicode } from '../refusal.ts';
import { ScannedRow } from '../scanned-row.ts';
import { copiedValue } from './copied-value.ts';
import { csvValue, jsonValue } from './declared-values.ts';
import { RowScanner } from './row-scanner.ts';

interface TableDecoderOptions {
    /** The JSON text of a column that a JSON row lacks, from elsewhere. */
    readonly absent?: (name: string) => string | undefined;
}

type RowBytes = Pick<RecordFrame, 'source' | 'start' | 'end' | 'record' | 'offset'>;

/**
 * Decodes rows (CSV fields or JSON objects) into inserts of one table. Every insert names every known column of the
 * table, so that a member which some rows lack is null there, and not drift.
 *
 * Owns the columns seen so far; they only grow, and the next load reads them from the staging table.
 */
export class TableDecoder {
    readonly #source: DeclaredSource;
    readonly #columns: DeclaredColumn[];
    readonly #places = new Map<string, number>();
    #known: { readonly shape: Shape } | null = null;
    readonly #scanner: RowScanner;
    readonly #sides: { values: ScannedValues; newAt: number; readonly oldAt: number };
    #row: ScannedRow | null = null;
    /** The header that `#fieldPlaces` belongs to. */
    #names: readonly string[] | null = null;
    #fieldPlaces: readonly number[] = [];

    readonly #absent: ((name: string) => string | undefined) | undefined;

    /** `known`: the columns that the staging table has. */
    constructor(source: DeclaredSource, known: readonly DeclaredColumn[], options: TableDecoderOptions = {}) {
        this.#source = source;
        this.#absent = options.absent;
        this.#columns = [...source.columns];
        this.#scanner = new RowScanner(this.#columns);
        this.#sides = { values: this.#scanner.values, newAt: 0, oldAt: 0 };
        for (const [place, column] of this.#columns.entries()) {
            this.#places.set(column.name, place);
        }
        for (const column of known.filter(({ name }) => !this.#places.has(name))) {
            this.#add(column);
        }
    }

    decode(frame: Frame, emit: EmitEvent): void {
        if (frame.kind === 'record') {
            this.#record(frame, emit);
        } else if (frame.kind === 'batch') {
            emit({ kind: 'batch', batch: frame.batch, offset: frame.offset });
        } else if (frame.kind === 'bad') {
            const { reject, record } = frame;
            this.#reject(reject, record, emit);
            const offset = reject.offset + reject.length;
            emit({ kind: 'recordEnd', record, offset, inTransaction: false });
        } else {
            throw new Error(`a source of rows has no frame "${frame.kind}"`);
        }
    }

    /** Decodes a JSON row if it is written like one before it; false: it is not. */
    decodeAlike({ source, start, end, record, offset }: RowBytes, emit: EmitEvent): boolean {
        if (!this.#scanner.scan(source, start, end)) {
            return false;
        }
        this.#emitScanned(this.#scanner.values, 0, record, offset, emit);
        return true;
    }

    /** One row for all of a shape, as each is landed before the next. */
    #emitScanned(values: ScannedValues, at: number, record: number, offset: number, emit: EmitEvent): void {
        this.#sides.values = values;
        this.#sides.newAt = at;
        const place = { lsn: null, xid: null, change: 1, record, offset };
        this.#row ??= new ScannedRow(this.#knownNow(), this.#sides, place);
        this.#row.moveTo(null, null, record);
        this.#row.offset = offset;
        emit(this.#row);
    }

    /** Decodes a row that has been scanned where it was read; false: for columns that are others by now. */
    decodeAhead({ ahead, aheadAt, offset: record }: TopicRecord, emit: EmitEvent): boolean {
        if (ahead === null || ahead.columns !== this.#columns.length) {
            return false;
        }
        this.#emitScanned(ahead.values, aheadAt, record, 0, emit);
        return true;
    }

    /** They only grow. */
    get columns(): readonly DeclaredColumn[] {
        return this.#columns;
    }

    #record(frame: RecordFrame, emit: EmitEvent): void {
        if (frame.row !== undefined || !this.decodeAlike(frame, emit)) {
            this.#readRecord(frame, emit);
        }
        const { record, offset, start, end } = frame;
        emit({ kind: 'recordEnd', record, offset: offset + end - start, inTransaction: false });
    }

    #readRecord(frame: RecordFrame, emit: EmitEvent): void {
        const { record, offset } = frame;
        try {
            const values = frame.row === undefined ? this.#jsonRow(frame) : this.#csvRow(frame, frame.row);
            const { shape } = this.#knownNow();
            emit({
                kind: 'change',
                shape,
                values,
                old: [],
                scanned: null,
                lsn: null,
                xid: null,
                record,
                change: 1,
                offset,
            });
        } catch (error) {
            if (!(error instanceof Refusal)) {
                throw error;
            }
            const bytes = frame.source.subarray(frame.start, frame.end);
            this.#reject(rejectedBytes(bytes, offset, error.reason, error.message), record, emit);
        }
    }

    #csvRow(frame: RecordFrame, { names, fields }: NonNullable<RecordFrame['row']>): SqlValue[] {
        if (fields.length !== names.length) {
            const reason = fields.length < names.length ? 'too-few-fields' : 'too-many-fields';
            throw new Refusal(reason, `the row has ${fields.length} fields, the header ${names.length}`);
        }
        if (this.#names !== names) {
            this.#refuseTooWide(names);
            this.#fieldPlaces = names.map((name) => this.#placeOf(name));
            this.#names = names;
        }
        const values = this.#emptyRow(frame);
        for (const [index, field] of fields.entries()) {
            const place = this.#fieldPlaces[index] as number;
            const column = this.#columns[place] as DeclaredColumn;
            values[place] = this.#source.isCopy ? copiedValue(field, column, frame, index) : csvValue(field, column);
        }
        return values;
    }

    #jsonRow(frame: RecordFrame): SqlValue[] {
        const text = utf8Text(frame.source, frame.start, frame.end);
        const sources = this.#memberSources(text);
        const values: SqlValue[] = [];
        for (let place = 0; place < this.#columns.length; place++) {
            const column = this.#columns[place] as DeclaredColumn;
            values.push(
                column.type === 'record' ? text : jsonValue(sources[place] ?? this.#absent?.(column.name), column),
            );
        }
        return values;
    }

    /** The source texts of a row's values, by the places of their columns. */
    #memberSources(text: string): readonly (string | undefined)[] {
        asObject(parsed(text), 'the row');
        const members = objectMembers(text, text.indexOf('{'));
        const names = members.map(({ name }) => name);
        this.#refuseTooWide(names);
        const sources: (string | undefined)[] = [];
        for (const { name, start, end } of members) {
            sources[this.#placeOf(name)] = text.slice(start, end);
        }
        const isWhole = this.#absent === undefined || this.#source.key.every((name) => names.includes(name));
        if (isWhole && this.#scanner.wantsForm()) {
            this.#scanner.learn(text, members, (name) => this.#placeOf(name));
        }
        return sources;
    }

    /** Nulls, and the row's own text in a column of type record. */
    #emptyRow(frame: RecordFrame): SqlValue[] {
        return this.#columns.map((column) =>
            column.type === 'record' ? utf8Text(frame.source, frame.start, frame.end) : null,
        );
    }

    /** Before a column is added: those of a row that is put aside must not stay. */
    #refuseTooWide(names: readonly string[]): void {
        if (this.#columns.length + names.length <= COLUMNS_MAX) {
            return;
        }
        const count = this.#columns.length + new Set(names.filter((name) => !this.#places.has(name))).size;
        if (count > COLUMNS_MAX) {
            throw new Refusal('too-many-columns', `its table would have ${count} columns; SQLite holds ${COLUMNS_MAX}`);
        }
    }

    #placeOf(name: string): number {
        const known = this.#places.get(name);
        if (known !== undefined) {
            return known;
        }
        requireUnicode(name, 'the name of a member');
        return this.#add({ name, type: 'text', required: false });
    }

    #add(column: DeclaredColumn): number {
        const place = this.#columns.push(column) - 1;
        this.#places.set(column.name, place);
        this.#known = null;
        this.#row = null;
        return place;
    }

    #knownNow(): { readonly shape: Shape } {
        this.#known ??= { shape: declaredShape(this.#source, this.#columns) };
        return this.#known;
    }

    #reject(reject: RejectedBytes, record: number, emit: EmitEvent): void {
        const relation = `${this.#source.schema}.${this.#source.table}`;
        emit({ kind: 'reject', reject, record, change: null, torn: false, relation, xid: null, position: null });
    }
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch (error) {
        throw new Refusal('not-json', (error as Error).message);
    }
}
