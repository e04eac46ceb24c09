import { encodeLabel, quoteName, quoteText } from '../../sql/quote.ts';
import { currentNames } from './current-names.ts';
import type { CurrentSpec, KeyDecision } from './current-spec.ts';
import { foldTrigger } from './fold-triggers.ts';
import { allKeys, decisionsFor, isSameKey, keyLabel } from './key-history.ts';
import { stopText } from './key-stops.ts';

/**
 * The triggers that a change of the key takes: the rows from before continue under the new key if each has it, and no two
 * share it. For the event `key` of the fold, `_old_key` is the new key and `_absent` the one before; for the event
 * `retyped` both are the key.
 */
export function keyTriggers(spec: CurrentSpec): string {
    const ofKeys = allKeys(spec).flatMap((key, index) => [
        ...becomes(spec, key, index + 1),
        retyped(spec, key, index + 1),
    ]);
    return [...ofKeys, ...becomesNone(spec)].join('\n');
}

function becomes(spec: CurrentSpec, key: readonly string[], number: number): string[] {
    const decisions = decisionsFor(spec, key).filter(({ was }) => !isSameKey(was, key));
    const isKey = `new._op = 'key' and new._old_key = ${keyLabel(key)}`;
    const decided = decisions.map((decision, index) =>
        foldTrigger(
            spec,
            `key_${number}_${index + 1}`,
            `${isKey} and new._absent is ${keyLabel(decision.was)}`,
            decision.rows === 'anew' ? [emptied(spec)] : [...assigned(spec, decision, true), ...checked(spec, key)],
        ),
    );
    const isOther = decisions.map(({ was }) => ` and new._absent is not ${keyLabel(was)}`).join('');
    return [
        foldTrigger(spec, `key_${number}`, `${isKey}${isOther}`, [...checked(spec, key), notRetyped(spec, key)]),
        ...decided,
    ];
}

function retyped(spec: CurrentSpec, key: readonly string[], number: number): string {
    const { current } = currentNames(spec);
    const decision = decisionsFor(spec, key).find(({ was }) => isSameKey(was, key));
    const unsure = raise(spec, 'retyped', key, `exists (select 1 from ${current})`);
    const statements =
        decision === undefined
            ? [unsure]
            : decision.rows === 'anew'
              ? [emptied(spec)]
              : decision.rows === 'keep'
                ? checked(spec, key)
                : [...assigned(spec, decision, false), ...checked(spec, key)];
    return foldTrigger(
        spec,
        `retyped_${number}`,
        `new._op = 'retyped' and new._old_key = ${keyLabel(key)}`,
        statements,
    );
}

/** The stream names no key any more: only where a person said that the file's own still holds. */
function becomesNone(spec: CurrentSpec): string[] {
    const decisions = decisionsFor(spec, []);
    if (decisions.length === 0) {
        return [];
    }
    const isNone = "new._op = 'key' and new._old_key = ''";
    const isOther = decisions.map(({ was }) => ` and new._absent is not ${keyLabel(was)}`).join('');
    const emptying = decisions.filter(({ rows }) => rows === 'anew');
    return [
        foldTrigger(spec, 'key_0', `${isNone}${isOther}`, [raise(spec, 'other key', spec.key, 'true')]),
        ...emptying.map(({ was }, index) =>
            foldTrigger(spec, `key_0_${index + 1}`, `${isNone} and new._absent is ${keyLabel(was)}`, [emptied(spec)]),
        ),
    ];
}

function emptied(spec: CurrentSpec): string {
    return `-- Rows from before were left out.\n    delete from ${currentNames(spec).current};`;
}

/** A new key column may have been written before it became one: those values stay. */
function assigned(spec: CurrentSpec, { rows }: KeyDecision, keepsValues: boolean): string[] {
    if (typeof rows === 'string') {
        return [];
    }
    const set = rows.map(({ column, sql }) => {
        const name = quoteName(column);
        return `${name} = ${keepsValues ? `coalesce(${name}, ${sql})` : sql}`;
    });
    return [`update ${currentNames(spec).current}\n    set ${set.join(', ')};`];
}

/** Each row has the key, and no two share it. */
function checked(spec: CurrentSpec, key: readonly string[]): string[] {
    const { current } = currentNames(spec);
    const columns = key.map(quoteName);
    const isNull = columns.map((column) => `${column} is null`).join(' or ');
    return [
        raise(spec, 'no value', key, `exists (select 1 from ${current} where ${isNull})`),
        raise(
            spec,
            'twice',
            key,
            `exists (select 1 from ${current} group by ${columns.join(', ')} having count(*) > 1)`,
        ),
    ];
}

/** A column that was retyped now, or before it came into the key: in the key the event `retyped` has seen to it. */
function notRetyped(spec: CurrentSpec, key: readonly string[]): string {
    const table = quoteText(`stg_${spec.tail}`);
    const columns = key.map((name) => {
        const label = quoteText(`,${encodeLabel(name)},`);
        return `column_name = ${quoteText(name)} and (_seq = new._seq or instr(',' || coalesce((
                    select key from elt_keys
                    where staging_table = ${table} and _seq <= elt_drift._seq order by _seq desc limit 1
                ), '') || ',', ${label}) = 0)`;
    });
    return raise(
        spec,
        'retyped',
        key,
        `exists (select 1 from ${currentNames(spec).current})
        and exists (
            select 1 from elt_drift
            where staging_table = ${table} and stale = 1 and _seq <= new._seq
                and (${columns.join('\n                or ')})
        )`,
    );
}

function raise(
    spec: CurrentSpec,
    reason: Parameters<typeof stopText>[1],
    key: readonly string[],
    when: string,
): string {
    return `select raise(abort, ${quoteText(stopText(spec, reason, key))})\n    where ${when};`;
}
