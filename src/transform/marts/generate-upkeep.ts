import { createHash } from 'node:crypto';
import { EltError } from '../../core/errors.ts';
import type { MartDefinition } from '../../project/mart-definition.ts';
import { parseSelect } from '../../sql/grammar/parse-select.ts';
import { normalisedText } from '../../sql/normalise.ts';
import type { MartQuestion } from './find-scans.ts';
import { keyOf, martColumns, resultNames } from './mart-columns.ts';
import { GENERATOR, type MartHow, type MartUpkeep, type UpkeepRequest } from './mart-upkeep.ts';
import { planUpkeep } from './plan-upkeep.ts';
import { readSchema } from './read-schema.ts';
import { refuseUndetermined } from './refuse-undetermined.ts';
import { martTests } from './text/mart-tests.ts';
import type { UpkeepSpec } from './text/upkeep-spec.ts';
import { upkeepSql } from './text/upkeep-sql.ts';
import { undeterminedNotes } from './undetermined-notes.ts';

/** Generates the upkeep of a mart of one SELECT. @throws EltError for what its file gets wrong */
export function generateUpkeep(request: UpkeepRequest): MartUpkeep {
    const { name, definition, database, fillers, images } = request;
    const schema = readSchema(database, fillers);
    const names = resultNames(database, definition);
    const key = keyOf(definition, names);
    const written = parseSelect(definition.select);
    refuseUndetermined(definition, written, schema);
    const { columns, migrated } = martColumns(request, names, key, written, schema);
    const { how, ...plan } = planUpkeep(request, names, key, written, schema, columns);
    refuseInFull(definition, how);
    const spec: UpkeepSpec = {
        model: name,
        file: definition.file,
        columns,
        key,
        migrated,
        images,
        how: how.text,
        ...plan,
    };
    const shape = JSON.stringify([columns, key, plan.keyMayBeNull, GENERATOR]);
    return {
        text: upkeepSql(spec),
        rowsHash: `${hashOf(normalisedText(definition.select))}-${hashOf(shape)}`,
        how: { ...how, undetermined: written === undefined ? [] : undeterminedNotes(written, columns) },
        tests: martTests(spec, how.wide.length === 0),
        questions: questionsOf(spec),
    };
}

function questionsOf({ keyed, gates, narrowed, added }: UpkeepSpec): readonly MartQuestion[] {
    const numbered = (title: string, all: readonly string[]): readonly MartQuestion[] =>
        all.map((sql, index) => ({ title: `${title} ${index + 1} of ${all.length}`, sql }));
    return [
        ...numbered('arm', keyed),
        ...numbered('whether all rows are compared,', gates),
        ...(narrowed === undefined ? [] : [{ title: 'the SELECT for the keys reached', sql: narrowed }]),
        ...(added === undefined ? [] : [{ title: 'the rows that are added', sql: added }]),
    ];
}

/** A head that says `in_full: never` forbids what costs the whole mart. */
function refuseInFull({ isNeverInFull, file, statement }: MartDefinition, { inFull, wide }: MartHow): void {
    const [reason] = [...inFull, ...wide];
    if (isNeverInFull && reason !== undefined) {
        throw new EltError({
            code: 'MART_REFUSED',
            message: `"${file}" says "in_full: never", and its rows would be compared in full`,
            where: `${file}:${statement.line}`,
            found: reason,
            state: 'nothing was published: readers see what they saw before',
            next: 'write the SELECT so that equal columns lead from that table to the key, or take the line out of its head',
        });
    }
}

function hashOf(text: string): string {
    return createHash('sha256').update(text).digest('hex');
}
