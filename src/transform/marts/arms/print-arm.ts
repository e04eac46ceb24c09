import { quoteName, quoteText, WIDTH_MAX, wrapList } from '../../../sql/quote.ts';
import { fragmentText } from '../rules/fragment.ts';
import type { Condition, Occurrence } from '../rules/way.ts';
import type { ArmStep } from './arm-steps.ts';
import type { ChosenArm } from './choose-arms.ts';

/**
 * The SELECT of an arm: keys, or 1 where all keys are compared. `cross join` fixes the order: changed rows first, and
 * from there to the key.
 */
export function armSql({ arm, steps }: ChosenArm, model: string): string {
    const aliases = aliasesOf(steps);
    const name = (id: number, column: string): string => `${quoteName(aliases.get(id) ?? '')}.${quoteName(column)}`;
    const text = (one: Condition['text']): string => fragmentText(one, name).trim();
    const [first, ...others] = steps as [ArmStep, ...ArmStep[]];
    const conditionsOf = (step: ArmStep): readonly string[] => [
        ...(step.isChanged ? windowOf(step.occurrence, aliases, model) : []),
        ...new Set(step.conditions.map((condition) => text(condition.text))),
    ];
    const source = ({ occurrence, isChanged }: ArmStep): string => {
        const table = sourceOf(occurrence, isChanged, text);
        const alias = quoteName(aliases.get(occurrence.id) ?? '');
        return table === alias ? table : `${table} as ${alias}`;
    };
    const where = conditionsOf(first);
    return [
        selected(arm.key === undefined ? ['1'] : arm.key.map((value) => text(value.text))),
        `from ${source(first)}`,
        ...others.map((step) => `cross join ${source(step)}${listed('on', conditionsOf(step))}`),
        ...(where.length === 0 ? [] : [listed('where', where).trim()]),
    ].join('\n');
}

function selected(values: readonly string[]): string {
    const line = `select ${values.join(', ')}`;
    return line.length <= WIDTH_MAX ? line : `select\n${wrapList(values, '    ')}`;
}

/** What changed rows are taken from: images, or what has been staged since. */
function sourceOf(occurrence: Occurrence, isChanged: boolean, text: (one: Condition['text']) => string): string {
    switch (occurrence.kind) {
        case 'table': {
            const { name, images } = occurrence.table;
            return quoteName(isChanged && images.kind === 'recorded' ? images.table : name);
        }
        case 'call':
            return `${occurrence.name}(${text(occurrence.call.text)})`;
        case 'ran':
            return 'elt_watermarks';
    }
}

function windowOf(occurrence: Occurrence, aliases: ReadonlyMap<number, string>, model: string): readonly string[] {
    const alias = quoteName(aliases.get(occurrence.id) ?? '');
    if (occurrence.kind === 'ran') {
        return [
            `${alias}.model = ${quoteText(occurrence.model)}`,
            `${alias}.taken_tick > (select taken_tick from elt_watermarks where model = ${quoteText(model)})`,
        ];
    }
    return occurrence.kind === 'table' && occurrence.table.images.kind === 'staged'
        ? [
              `${alias}._seq > (select watermark from elt_watermarks where model = ${quoteText(model)})`,
              `${alias}._seq <= (select whole_seq from elt_stream)`,
          ]
        : [];
}

function listed(word: string, conditions: readonly string[]): string {
    return conditions.length === 0 ? '' : ` ${word} ${conditions.join('\n    and ')}`;
}

/** A person's names for tables; changed rows go by the name of the table that holds them. */
function aliasesOf(steps: readonly ArmStep[]): ReadonlyMap<number, string> {
    const aliases = new Map<number, string>();
    const taken = new Set<string>();
    for (const { occurrence, isChanged } of steps) {
        const wanted = wantedAlias(occurrence, isChanged);
        let alias = wanted;
        for (let number = 2; taken.has(alias.toLowerCase()); number++) {
            alias = `${wanted}_${number}`;
        }
        taken.add(alias.toLowerCase());
        aliases.set(occurrence.id, alias);
    }
    return aliases;
}

function wantedAlias(occurrence: Occurrence, isChanged: boolean): string {
    if (occurrence.kind === 'ran') {
        return 'ran';
    }
    if (occurrence.kind === 'table' && isChanged) {
        const { name, images } = occurrence.table;
        return images.kind === 'recorded' ? images.table : `new_${name.replace(/^stg_/, '')}`;
    }
    return occurrence.alias;
}
