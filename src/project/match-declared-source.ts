import { EltError } from '../core/errors.ts';
import { parseNames } from '../sql/relation-name.ts';
import { type DeclaredSource, plainBaseName, undeclaredSource } from './declared-source.ts';

/**
 * The declared source that a file belongs to, or the table that `--table` names; undefined: a change stream. A pattern
 * is matched against the base name, whatever the folder; `*` is any text, `?` one character.
 * @throws EltError COMMAND_WRONG if patterns of two sources match.
 */
export function matchDeclaredSource(
    sources: readonly DeclaredSource[],
    name: string,
    table: string | undefined,
): DeclaredSource | undefined {
    if (table !== undefined) {
        return sources.find((source) => source.table === table) ?? sourceNamed(table);
    }
    const base = plainBaseName(name);
    const matching = sources.filter((source) => source.files.some((pattern) => asExpression(pattern).test(base)));
    if (matching.length > 1) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${name}" matches the patterns of several declared sources`,
            found: matching.map((source) => source.file).join(', '),
            next: 'name the table with --table, or narrow the patterns',
        });
    }
    return matching[0];
}

/**
 * The source that declares the rows of a topic: by its patterns, else by the name of its table. A topic that none
 * declares has a table of its own name.
 * @throws EltError COMMAND_WRONG if patterns of two sources match.
 */
export function matchDeclaredTopic(sources: readonly DeclaredSource[], topic: string): DeclaredSource {
    const matching = sources.filter(({ topics, table }) =>
        topics.length === 0 ? table === topic : topics.some((pattern) => asExpression(pattern).test(topic)),
    );
    if (matching.length > 1) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `the topic "${topic}" matches several declared sources`,
            found: matching.map(({ file }) => file).join(', '),
            next: 'narrow their "-- topics:"',
        });
    }
    return matching[0] ?? undeclaredSource(topic);
}

/**
 * `orders`: a table of rows; `shop.orders`, `public.orders`: rows of that relation of PostgreSQL. Parts that are not
 * plain names are quoted as PostgreSQL quotes them.
 * @throws EltError COMMAND_WRONG
 */
function sourceNamed(text: string): DeclaredSource {
    const parts = parseNames(text, '.');
    const [first, second] = parts ?? [];
    if (first !== undefined && second !== undefined && parts?.length === 2) {
        return { ...undeclaredSource(second), schema: first, isCopy: true };
    }
    if (first !== undefined && second === undefined) {
        return undeclaredSource(first);
    }
    if (parts === undefined && text !== '' && !/[".]/.test(text)) {
        return undeclaredSource(text);
    }
    throw new EltError({
        code: 'COMMAND_WRONG',
        message: `--table cannot be "${text}"`,
        found: 'expected a table, or schema.table; "odd.name" where a name holds a full stop',
        state: 'nothing was landed',
        next: 'correct --table',
    });
}

function asExpression(pattern: string): RegExp {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
