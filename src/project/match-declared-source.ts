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
