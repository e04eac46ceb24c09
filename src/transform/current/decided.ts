import { EltError } from '../../core/errors.ts';
import type { CatalogueRelation } from '../../ledger/catalogue.ts';
import { readModelStops } from '../../ledger/model-stops.ts';
import { keyNames } from '../../sql/key-text.ts';
import { quoteName } from '../../sql/quote.ts';
import { namesText, relationText } from '../../sql/relation-name.ts';
import type { Database } from '../../sqlite/database.ts';
import { parseAssignments } from './current-head.ts';
import type { CurrentSpec, KeyDecision } from './current-spec.ts';
import { allKeys, isSameKey } from './key-history.ts';

/** The spec with what a person decides about the rows from before the last change of its key (`--rows`). */
export function decided(
    database: Database,
    relation: CatalogueRelation,
    spec: CurrentSpec | undefined,
    text: string,
): CurrentSpec {
    const change = spec && changeToDecide(database, relation, spec);
    if (spec === undefined || change === undefined) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `the key of ${relationText(relation.schema, relation.table)} has not changed`,
            found: '--rows says what becomes of the rows from before a change of the key',
            next: 'leave --rows out',
        });
    }
    const decision = { ...change, rows: parseRows(database, relation, text) };
    const { earlier = [], retyped = [], decisions = [] } = spec.history ?? {};
    const others = decisions.filter(({ was, now }) => !(isSameKey(was, decision.was) && isSameKey(now, decision.now)));
    return { ...spec, history: { earlier, retyped, decisions: [...others, decision] } };
}

/** The change at which the current table has stopped, else the last one. */
function changeToDecide(
    database: Database,
    relation: CatalogueRelation,
    spec: CurrentSpec,
): Pick<KeyDecision, 'was' | 'now'> | undefined {
    const stop = readModelStops(database).get(`current_${spec.tail}`);
    const changes = relation.keys.filter(({ was }) => was !== null);
    const change = stop === undefined ? changes.at(-1) : changes.findLast(({ seq }) => seq === stop._seq);
    if (change !== undefined) {
        return { was: namesInOrder(spec, change.was ?? ''), now: namesInOrder(spec, change.key) };
    }
    const key = stop === undefined ? spec.key : namesInOrder(spec, stop.key);
    return spec.history?.retyped.some((name) => key.includes(name)) ? { was: key, now: key } : undefined;
}

function namesInOrder(spec: CurrentSpec, text: string): readonly string[] {
    const names = keyNames(text);
    return allKeys(spec).find((key) => isSameKey(key, names)) ?? names;
}

function parseRows(database: Database, relation: CatalogueRelation, text: string): KeyDecision['rows'] {
    if (text === 'keep' || text === 'anew') {
        return text;
    }
    const columns = relation.columns.map(({ columnName }) => columnName);
    const assignments = parseAssignments(text);
    const unknown = assignments?.find(({ column }) => !columns.includes(column));
    if (assignments === undefined || unknown !== undefined) {
        throw wrongRows(text, unknown && `there is no column "${unknown.column}" among ${namesText(columns)}`);
    }
    for (const { sql } of assignments) {
        try {
            database.prepare(`select ${sql} from ${quoteName(relation.stagingTable)}`);
        } catch (error) {
            throw wrongRows(text, error instanceof Error ? error.message : String(error));
        }
    }
    return assignments;
}

function wrongRows(text: string, found: string | undefined): EltError {
    return new EltError({
        code: 'COMMAND_WRONG',
        message: `--rows cannot be "${text}"`,
        found: found ?? 'expected keep, anew, or what the columns of the key are: new_id = id',
        next: 'correct --rows',
    });
}
