import type { Condition, EqualColumn, Way } from '../rules/way.ts';

/** Columns of a way that its conditions make equal. */
export interface EqualColumns {
    /** Those that equal a column, itself among them. */
    readonly of: (column: EqualColumn) => readonly EqualColumn[];
    /** Equalities that follow from others and stand nowhere: they let a way leave tables out. */
    readonly implied: readonly Condition[];
}

/**
 * Equal columns, followed through. Only columns of one declared type: '1' and 1 join, and are different keys.
 * A null passes `is`, so what follows by way of one is an `is` too.
 */
export function equalColumns(
    way: Way,
    equalityOf: (left: EqualColumn, right: EqualColumn, operator: '=' | 'is') => Condition,
): EqualColumns {
    const classes: { columns: EqualColumn[]; isWeak: boolean }[] = [];
    const classOf = (column: EqualColumn) => classes.find(({ columns }) => columns.some((one) => isSame(one, column)));
    for (const { equal, untrueWith } of way.conditions) {
        if (equal === undefined || equal[0].type !== equal[1].type) {
            continue;
        }
        const isWeak = untrueWith.size === 0;
        const [left, right] = equal.map((column) => classOf(column) ?? { columns: [column], isWeak: false });
        if (left === undefined || right === undefined) {
            continue;
        }
        const columns = [
            ...left.columns,
            ...right.columns.filter((one) => !left.columns.some((two) => isSame(one, two))),
        ];
        const joined = { columns, isWeak: isWeak || left.isWeak || right.isWeak };
        classes.splice(0, classes.length, ...classes.filter((one) => one !== left && one !== right), joined);
    }
    const stands = (left: EqualColumn, right: EqualColumn): boolean =>
        way.conditions.some(
            ({ equal }) => equal?.some((one) => isSame(one, left)) === true && equal.some((one) => isSame(one, right)),
        );
    const implied = classes.flatMap(({ columns, isWeak }) =>
        columns.flatMap((left, index) =>
            columns
                .slice(index + 1)
                .filter((right) => right.occurrence !== left.occurrence && !stands(left, right))
                .map((right) => equalityOf(left, right, isWeak ? 'is' : '=')),
        ),
    );
    return { of: (column) => classOf(column)?.columns ?? [column], implied };
}

export function isSame(left: EqualColumn, right: EqualColumn): boolean {
    return left.occurrence === right.occurrence && left.column === right.column;
}
