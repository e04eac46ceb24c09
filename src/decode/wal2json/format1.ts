import type { ChangeFrame } from '../../core/frame.ts';
import { arrayElements, memberNamed, objectMembers, skipSpace } from '../../core/json-spans.ts';
import type { SqlValue } from '../../core/stream-event.ts';
import { asList, asObject, asText, asTexts, type JsonObject } from '../json-checks.ts';
import { Refusal, shown } from '../refusal.ts';
import { markStored, type Sides } from '../scanned-row.ts';
import { type Columns, type KnownShape, NO_COLUMNS, type Shapes } from '../shapes.ts';
import { type ColumnRule, convertPlain, exactValue } from '../values.ts';
import { withTexts } from '../with-texts.ts';

/** A row of a change, in either format. */
export interface Row {
    readonly known: KnownShape;
    readonly values: readonly SqlValue[];
    readonly old: readonly SqlValue[];
}

export interface Message {
    readonly prefix: string;
    readonly content: string;
    readonly transactional: boolean;
}

const OPS = { insert: 'insert', update: 'update', delete: 'delete' } as const;
const NO_VALUES: readonly never[] = [];

/** The message of a change of kind "message". */
export function messageOf(change: JsonObject): Message {
    const { transactional } = change;
    if (typeof transactional !== 'boolean') {
        throw new Refusal('wrong-type', `the member "transactional" is not true or false: ${shown(transactional)}`);
    }
    return { transactional, prefix: asText(change.prefix, 'prefix'), content: asText(change.content, 'content') };
}

/** The shape of a format-1 change; its lists of values are not read. */
export function format1Shape(change: JsonObject, shapes: Shapes): KnownShape {
    const kind = asText(change.kind, 'kind');
    if (!Object.hasOwn(OPS, kind)) {
        throw new Refusal('unknown-kind', `unknown kind of change ${shown(kind)}`);
    }
    const op = OPS[kind as keyof typeof OPS];
    const oldKeys = change.oldkeys === undefined ? null : asObject(change.oldkeys, 'the member "oldkeys"');
    if (op === 'delete' && oldKeys === null) {
        throw new Refusal('missing-field', 'the member "oldkeys" is missing');
    }
    return shapes.intern({
        op,
        schema: asText(change.schema, 'schema'),
        table: asText(change.table, 'table'),
        columns: op === 'delete' ? NO_COLUMNS : columnsOf(change, 'columnnames', 'columntypes'),
        oldColumns: oldKeys === null ? NO_COLUMNS : columnsOf(oldKeys, 'keynames', 'keytypes'),
        primaryKey: primaryKeyOf(change.pk),
        oldLeavesNullsOut: oldKeys !== null,
    });
}

/** Decodes a row change from its JSON text and the result of `JSON.parse`. */
export function format1Row(change: JsonObject, text: string, shapes: Shapes): Row {
    const known = format1Shape(change, shapes);
    const { shape, rules, oldRules } = known;
    const values = shape.op === 'delete' ? NO_VALUES : listOf(change, 'columnvalues', rules.length);
    const oldKeys = change.oldkeys as JsonObject | undefined;
    const old = oldKeys === undefined ? NO_VALUES : listOf(oldKeys, 'keyvalues', oldRules.length);
    const stored = convert(values, rules, () => sourcesAt(text, ['columnvalues']));
    const storedOld = convert(old, oldRules, () => sourcesAt(text, ['oldkeys', 'keyvalues']));
    return { known: withTexts(known, stored, storedOld), values: stored, old: storedOld };
}

/** The place of the row of a change that repeats a skeleton, ready to be stored; null if its text must be parsed. */
export function format1Scanned({ rules, oldRules }: KnownShape, frame: ChangeFrame): Sides | null {
    const { skeleton, values, bounds } = frame;
    if (skeleton === null || values === null) {
        return null;
    }
    let newAt = 0;
    let oldAt = 0;
    for (let gap = 0; gap < skeleton.gaps.length; gap++) {
        const isOld = skeleton.gaps[gap] === 'keyvalues';
        const columns = isOld ? oldRules : rules;
        const from = bounds[gap] as number;
        if ((bounds[gap + 1] as number) - from !== columns.length || !markStored(values, from, columns)) {
            return null;
        }
        if (isOld) {
            oldAt = from;
        } else {
            newAt = from;
        }
    }
    return { values, newAt, oldAt };
}

function columnsOf(holder: JsonObject, namesName: string, typesName: string): Columns {
    const names = asTexts(holder[namesName], namesName);
    const types = holder[typesName] === undefined ? null : asTexts(holder[typesName], typesName);
    if (types !== null && types.length !== names.length) {
        throw new Refusal('column-count', `${names.length} ${namesName} but ${types.length} ${typesName}`);
    }
    return { names, types };
}

function primaryKeyOf(pk: unknown): readonly string[] | null {
    return pk === undefined ? null : asTexts(asObject(pk, 'the member "pk"').pknames, 'pknames');
}

function listOf(holder: JsonObject, name: string, count: number): unknown[] {
    const list = asList(holder[name], name);
    if (list.length !== count) {
        throw new Refusal('column-count', `${count} names but ${list.length} ${name}`);
    }
    return list as unknown[];
}

function convert(
    values: readonly unknown[],
    rules: readonly ColumnRule[],
    sources: () => string[],
): readonly SqlValue[] {
    const plain = [...values];
    if (convertPlain(plain, rules)) {
        return plain;
    }
    const texts = sources();
    return values.map((value, index) => exactValue(value, texts[index] as string, rules[index] as ColumnRule));
}

/** The source texts of the elements of the list at `path`. */
function sourcesAt(text: string, path: readonly string[]): string[] {
    let at = skipSpace(text, 0);
    for (const name of path) {
        at = (memberNamed(objectMembers(text, at), name) as { start: number }).start;
    }
    return arrayElements(text, at).map(({ start, end }) => text.slice(start, end));
}
