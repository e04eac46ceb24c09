import { type HeaderEntry, headError } from './file-head.ts';

/** Tables whose changes belong to one relation: the leaves of a partitioned table, which the stream names one by one. */
export interface Partitions {
    /** As it is written: `shop.events_*`. */
    readonly pattern: string;
    readonly parent: { readonly schema: string; readonly table: string };
}

const LINE = /^(\S+\.\S+) as ([^.\s]+)\.([^.\s]+)$/;

/** Reads the lines `partitions: shop.events_* as shop.events` of `pipeline.sql`. */
export function readPartitions(head: readonly HeaderEntry[], file: string): readonly Partitions[] {
    const found: Partitions[] = [];
    for (const { key, value, line } of head) {
        if (key !== 'partitions') {
            continue;
        }
        const [, pattern = '', schema = '', table = ''] = LINE.exec(value) ?? [];
        if (pattern === '') {
            throw headError(file, line, {
                message: `the head of "${file}" has a wrong value for the key "partitions"`,
                found: `"${value}"; expected schema.table_* as schema.table`,
                next: 'name the leaves, with * for any text, and the relation that they are parts of',
            });
        }
        const other = found.find((one) => canBothMatch(one.pattern, pattern));
        if (other !== undefined) {
            throw headError(file, line, {
                message: `two lines "partitions" in the head of "${file}" match the same tables`,
                found: `"${pattern}" and "${other.pattern}"`,
                next: 'let each table match one line at most',
            });
        }
        found.push({ pattern, parent: { schema, table } });
    }
    return found;
}

/** The relation that a table is a part of; undefined: it is one of its own. */
export function parentOf(
    partitions: readonly Partitions[],
): ((schema: string, table: string) => Partitions['parent'] | undefined) | undefined {
    if (partitions.length === 0) {
        return undefined;
    }
    const matchers = partitions.map(({ pattern, parent }) => ({ matcher: matcherOf(pattern), parent }));
    return (schema, table) => matchers.find(({ matcher }) => matcher.test(`${schema}.${table}`))?.parent;
}

function matcherOf(pattern: string): RegExp {
    const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 's');
}

/** Whether some name matches both patterns. */
function canBothMatch(left: string, right: string): boolean {
    if (left === '' || right === '') {
        return (left + right).replaceAll('*', '') === '';
    }
    if (left.startsWith('*')) {
        return canBothMatch(left.slice(1), right) || canBothMatch(left, right.slice(1));
    }
    if (right.startsWith('*')) {
        return canBothMatch(left, right.slice(1)) || canBothMatch(left.slice(1), right);
    }
    return left[0] === right[0] && canBothMatch(left.slice(1), right.slice(1));
}
