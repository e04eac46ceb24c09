import type { Skeleton } from '../../core/frame.ts';
import { arrayElements, type Member, memberNamed, objectMembers, skipSpace } from '../../core/json-spans.ts';
import type { ScannedValues } from '../../core/scanned-values.ts';
import type { Shape, SqlValue } from '../../core/stream-event.ts';
import { asList, asObject, asText, type JsonObject } from '../json-checks.ts';
import { Refusal } from '../refusal.ts';
import { markStored, type Sides } from '../scanned-row.ts';
import { type Columns, type KnownShape, NO_COLUMNS, type Shapes } from '../shapes.ts';
import { type ColumnRule, convertPlain, exactValue } from '../values.ts';
import { withTexts } from '../with-texts.ts';
import type { Row } from './format1.ts';
import { parseSkeleton } from './record-text.ts';

const OPS: Readonly<Record<string, Shape['op']>> = { I: 'insert', U: 'update', D: 'delete', T: 'truncate' };
const NO_SIDE: Side = { columns: NO_COLUMNS, values: [] };

/** Whether an action changes rows: I, U, D or T. */
export function isRowAction(action: unknown): action is string {
    return typeof action === 'string' && Object.hasOwn(OPS, action);
}

/** One side of a change: `columns` or `identity`. */
interface Side {
    readonly columns: Columns;
    readonly values: unknown[];
}

/** What all records that repeat a skeleton have in common: the place of each thing in the values. */
export interface KnownRecord {
    readonly action: string;
    /** Null for B and C. */
    readonly known: KnownShape | null;
    readonly columnsAt: number;
    readonly identityAt: number;
    /** Members of the record that are not gaps. */
    readonly members: JsonObject;
    /** Gaps that are members of the record. */
    readonly memberGaps: readonly { readonly name: string; readonly at: number }[];
}

/** The layout of the records of that skeleton; null if they cannot be decoded. */
export function knownRecord(skeleton: Skeleton, shapes: Shapes): KnownRecord | null {
    try {
        return readSkeleton(skeleton, shapes);
    } catch (error) {
        if (error instanceof Refusal) {
            return null;
        }
        throw error;
    }
}

function readSkeleton(skeleton: Skeleton, shapes: Shapes): KnownRecord {
    const record = asObject(parseSkeleton(skeleton.text), 'the record');
    const action = asText(record.action, 'action');
    const { gaps } = skeleton;
    const memberGaps = gaps.flatMap((name, at) => (name === 'columns' || name === 'identity' ? [] : [{ name, at }]));
    const known = isRowAction(action) ? shapeOf(record, shapes).known : null;
    return {
        action,
        known,
        members: record,
        memberGaps,
        columnsAt: gaps.indexOf('columns'),
        identityAt: gaps.indexOf('identity'),
    };
}

/** The members `xid`, `lsn`, `nextlsn` and `timestamp` of a record that repeats a skeleton; its values begin at `first`. */
export function membersOf({ members, memberGaps }: KnownRecord, values: ScannedValues, first: number): JsonObject {
    if (memberGaps.length === 0) {
        return members;
    }
    const filled: Record<string, unknown> = {};
    for (const { name, at } of memberGaps) {
        filled[name] = values.json(first + at);
    }
    return filled;
}

/** The place of the row of a record that repeats a skeleton, ready to be stored; null if its text must be parsed. */
export function format2Scanned(
    record: KnownRecord,
    known: KnownShape,
    values: ScannedValues,
    first: number,
): Sides | null {
    const newAt = first + record.columnsAt;
    const oldAt = first + record.identityAt;
    const isPlain = markStored(values, newAt, known.rules) && markStored(values, oldAt, known.oldRules);
    return isPlain ? { values, newAt, oldAt } : null;
}

/** Decodes an I, U, D or T record from its JSON text and the result of `JSON.parse`. */
export function format2Row(record: JsonObject, text: string, shapes: Shapes): Row {
    const { known, now, old } = shapeOf(record, shapes);
    const values = convert(now.values, known.rules, text, 'columns');
    const before = convert(old.values, known.oldRules, text, 'identity');
    return { known: withTexts(known, values, before), values, old: before };
}

function shapeOf(record: JsonObject, shapes: Shapes): { known: KnownShape; now: Side; old: Side } {
    const op = OPS[record.action as string] as Shape['op'];
    const hasNew = op === 'insert' || op === 'update';
    const hasOld = op === 'delete' || (op === 'update' && record.identity !== undefined);
    const now = hasNew ? sideOf(record, 'columns') : NO_SIDE;
    const old = hasOld ? sideOf(record, 'identity') : NO_SIDE;
    const known = shapes.intern({
        op,
        schema: asText(record.schema, 'schema'),
        table: asText(record.table, 'table'),
        columns: now.columns,
        oldColumns: old.columns,
        primaryKey: primaryKeyOf(record.pk),
    });
    return { known, now, old };
}

function sideOf(record: JsonObject, name: string): Side {
    const list = asList(record[name], name);
    const names: string[] = [];
    const values: unknown[] = [];
    const types: (string | null)[] = [];
    for (const element of list) {
        const column = asObject(element, `an element of "${name}"`);
        names.push(asText(column.name, 'name'));
        types.push(column.type === undefined ? null : asText(column.type, 'type'));
        const value = column.value;
        if (value === undefined) {
            throw new Refusal('missing-field', `column "${names.at(-1)}" has no member "value"`);
        }
        values.push(value);
    }
    return { columns: { names, types }, values };
}

function primaryKeyOf(pk: unknown): readonly string[] | null {
    if (pk === undefined) {
        return null;
    }
    return asList(pk, 'pk').map((element) => asText(asObject(element, 'an element of "pk"').name, 'name'));
}

/** The values converted in place, or a new list of exact ones where their text must be parsed. */
function convert(values: unknown[], rules: readonly ColumnRule[], text: string, name: string): readonly SqlValue[] {
    if (values.length === 0 || convertPlain(values, rules)) {
        return values as SqlValue[];
    }
    const elements = arrayElements(text, memberAt(text, skipSpace(text, 0), name).start);
    return elements.map((element, index) => {
        const { start, end } = memberAt(text, element.start, 'value');
        const source = text.slice(start, end);
        return exactValue(JSON.parse(source), source, rules[index] as ColumnRule);
    });
}

function memberAt(text: string, at: number, name: string): Member {
    return memberNamed(objectMembers(text, at), name) as Member;
}
