import type { PlacedValues } from '../../core/placed-values.ts';
import { ValueKind } from '../../core/scanned-values.ts';
import type { ColumnRule } from '../values.ts';
import type { MessageReader } from './message-reader.ts';
import type { Relation } from './relation.ts';
import { byteaStart, isNoNumber, kindOfText } from './text-kind.ts';
import { UnknownMessage } from './unknown-message.ts';

const KIND = { null: 0x6e, text: 0x74, unchanged: 0x75 } as const;

/** What is not plain about a row's values, by their places in the relation. */
export interface Oddities {
    readonly absent: readonly number[];
    readonly texts: readonly number[];
    /** A boolean that is kept as text is spelled as wal2json spells it. */
    readonly spelled: boolean;
}

export const NO_ODDITIES: Oddities = { absent: [], texts: [], spelled: false };

function withOdd(oddities: Oddities, kind: 'absent' | 'texts', place: number): Oddities {
    return { ...oddities, [kind]: [...oddities[kind], place] };
}

/**
 * Adds a row's values; of an old key only the columns that make it up: the others are sent as null, and are not. Only a
 * new row leaves values out.
 */
export function readTuple(
    reader: MessageReader,
    relation: Relation,
    wanted: 'all' | 'key',
    values: PlacedValues,
    isNew: boolean,
): Oddities {
    const { keyPlaces, names } = relation.columns;
    const rules = relation.rules;
    const { bytes } = reader;
    let oddities = NO_ODDITIES;
    const columns = reader.int16();
    if (columns !== names.length) {
        throw new UnknownMessage(`a row of ${columns} columns where ${names.length} were named`);
    }
    for (let place = 0; place < columns; place++) {
        const kind = reader.byte();
        const isWanted = wanted === 'all' || keyPlaces.includes(place);
        if (kind === KIND.text) {
            const start = reader.skip(reader.int32());
            if (isWanted) {
                const rule = rules[place] as ColumnRule;
                const stored = kindOfText(bytes, start, rule.rule);
                const from = rule.type === 'bytea' ? byteaStart(bytes, start, reader.at) : start;
                values.place(stored, from, reader.at);
                if (stored === ValueKind.text && rule.rule === 'number' && isNoNumber(bytes, start)) {
                    oddities = withOdd(oddities, 'texts', place);
                } else if (rule.rule === 'text' && rule.type === 'boolean') {
                    oddities = { ...oddities, spelled: true };
                }
            }
        } else if (kind === KIND.null) {
            if (isWanted) {
                values.place(ValueKind.null, reader.at, reader.at);
            }
        } else if (kind === KIND.unchanged && isNew) {
            oddities = withOdd(oddities, 'absent', place);
        } else {
            throw new UnknownMessage(`a value of the kind ${kind}`);
        }
    }
    return oddities;
}
