import type { ParsedSelect } from '../../../sql/grammar/parse-select.ts';
import { factsOfColumns } from '../narrow/facts-of-columns.ts';
import type { SchemaFacts } from '../rules/schema-facts.ts';
import { commonType, declaredType, type KnownType } from './column-type.ts';
import { expressionType } from './expression-type.ts';

/** Columns of `json_each` and `json_tree` whose type does not depend on the document. */
const FUNCTION_TYPES: Readonly<Record<string, KnownType>> = {
    type: 'text',
    id: 'integer',
    parent: 'integer',
    fullkey: 'text',
    path: 'text',
};

/** The types of the result columns of a SELECT. Never one that was seen in data: the next value might break it. */
export function selectTypes(parsed: ParsedSelect, schema: SchemaFacts): readonly KnownType[] {
    return factsOfColumns<KnownType>(parsed, schema, {
        unknown: 'any',
        ofTable: ({ isStrict }, { type }) => declaredType(type, isStrict),
        ofFunction: (column) => FUNCTION_TYPES[column] ?? 'any',
        ofExpression: expressionType,
        together: commonType,
    });
}
