import { EltError, shorten } from '../../core/errors.ts';
import type { ModelFile } from '../../project/model-files.ts';
import { countsRowless } from '../../sql/counts-rowless.ts';
import { type StatementTarget, statementTargets } from '../../sql/statement-targets.ts';
import type { SqlStatement } from '../../sql/statements.ts';
import { nameOf, significantTokens, wordOf } from '../../sql/tokens.ts';

/**
 * A model may change its own tables and its own row of `elt_watermarks`. Every model is built from staging, and the
 * ledger proves that nothing is lost: no SQL file may change either, directly or by a trigger.
 */

/** Throws `MODEL_OVERREACH` for the first statement that names something its model must not change. */
export function refuseOverreach(models: readonly ModelFile[]): void {
    const owners = ownersOf(models);
    for (const model of models) {
        for (const statement of model.statements) {
            const wrong = statementTargets(statement.sql).find(
                (target) => !isWatermark(model, statement, target) && isOverreach(model, target, owners),
            );
            if (wrong !== undefined) {
                throw overreach(model, statement, wrong, owners.get(wrong.name.toLowerCase()));
            }
        }
    }
}

/** Throws `MODEL_OVERREACH` for a statement that would write staging or a control table through a view or a trigger. */
export function refuseHiddenWrites(model: ModelFile, statement: SqlStatement, writes: readonly string[]): void {
    // A model moves its own watermark by name; a trigger of the control tables then advances the clock.
    const isMove = statementTargets(statement.sql).some((target) => isWatermark(model, statement, target));
    // What a trigger of a model does to watermarks was checked with the trigger.
    const hidden = isMove ? undefined : writes.find((name) => isProtected(name) && name !== 'elt_watermarks');
    if (hidden !== undefined) {
        throw overreach(model, statement, { verb: 'writes', name: hidden }, undefined);
    }
}

type Owners = ReadonlyMap<string, readonly string[]>;

/**
 * Each name (in lower case) that a file creates, with the models it belongs to. A table named after a model belongs to
 * that model alone, even if another file creates it.
 */
function ownersOf(models: readonly ModelFile[]): Owners {
    const owners = new Map(models.map(({ name }) => [name.toLowerCase(), [name]]));
    const names = new Set(owners.keys());
    for (const model of models) {
        const created = model.statements
            .flatMap((statement) => statementTargets(statement.sql))
            .flatMap(({ verb, name }) => (verb === 'creates' ? [name] : []));
        for (const name of new Set(created.map((one) => one.toLowerCase()))) {
            if (!names.has(name)) {
                owners.set(name, [...(owners.get(name) ?? []), model.name]);
            }
        }
    }
    return owners;
}

function isOverreach(model: ModelFile, target: StatementTarget, owners: Owners): boolean {
    // A trigger on another model's table may fill a table of this model.
    const belongs = target.verb === 'on' ? undefined : owners.get(target.name.toLowerCase());
    return isProtected(target.name) || (belongs !== undefined && !belongs.includes(model.name));
}

function isProtected(name: string): boolean {
    return /^(stg|elt)_/i.test(name);
}

/**
 * `insert or ignore into elt_watermarks (model) …`, or `update elt_watermarks … where model = '<this model>'`; in a trigger
 * the count of rows that never came.
 */
function isWatermark(model: ModelFile, statement: SqlStatement, target: StatementTarget): boolean {
    if (target.verb !== 'writes' || target.name.toLowerCase() !== 'elt_watermarks') {
        return false;
    }
    if (statement.kind === 'create') {
        return countsRowless(model.name, statement.sql);
    }
    const tokens = significantTokens(statement.sql).filter((token) => token.kind !== 'semicolon');
    const words = tokens.map((token) => wordOf(token) ?? token.text);
    if (statement.kind === 'insert') {
        return words.slice(0, 7).join(' ') === 'insert or ignore into elt_watermarks ( model' && words[7] === ')';
    }
    const isOwn = tokens.at(-1)?.kind === 'string' && nameOf(tokens.at(-1)) === model.name;
    return statement.kind === 'update' && words.slice(-4, -1).join(' ') === 'where model =' && isOwn;
}

const WHAT_IT_DOES: Readonly<Record<StatementTarget['verb'], string>> = {
    writes: 'writes',
    creates: 'creates',
    alters: 'alters',
    drops: 'drops',
    on: 'puts a trigger or a unique index on',
    takes: 'renames a table to',
};

function overreach(
    model: ModelFile,
    statement: SqlStatement,
    { verb, name }: StatementTarget,
    owners: readonly string[] | undefined,
): EltError {
    const whose = /^stg_/i.test(name)
        ? 'which is staging'
        : /^elt_/i.test(name)
          ? 'which is a control table'
          : `which belongs to the model "${owners?.join('", "')}"`;
    const isWatermarks = name.toLowerCase() === 'elt_watermarks' && verb === 'writes';
    return new EltError({
        code: 'MODEL_OVERREACH',
        message: `"${model.file}" cannot be run: it ${WHAT_IT_DOES[verb]} "${name}", ${whose}`,
        where: `${model.file}:${statement.line}`,
        found: `${shorten(statement.sql.split('\n', 1)[0] ?? '', 100).replace(/;$/, '')}; expected: a model changes only what its own file creates`,
        state: 'nothing was run: readers see what they saw before',
        next: isWatermarks
            ? `write: update elt_watermarks set watermark = (…) where model = '${model.name}';`
            : 'remove the statement, or do the work in a table of this file',
    });
}
