import type { ModelFile } from '../project/model-files.ts';
import { JSON_TEXT } from '../sql/json-text-sql.ts';
import { type SqlToken, significantTokens, wordOf } from '../sql/tokens.ts';

/** A value that a mart reads out of a document: `json_text(event.error_details, '$.reason')`. */
export interface JsonRead {
    /** The names that the mart reads, in lower case: `current_event_v2_data`, … */
    readonly names: ReadonlySet<string>;
    /** In lower case. */
    readonly column: string;
    readonly path: string;
}

/**
 * What the marts of a pipeline read by `json_text` out of a column as such. Which table the column is of is not looked
 * up: a value that is exported for one table too many costs a column, and one too few would make a run impossible.
 */
export function martsJson(models: readonly ModelFile[]): readonly JsonRead[] {
    return models.flatMap(({ definition, text }) => {
        const tokens = significantTokens(definition?.text ?? text);
        const names = new Set(tokens.map((token) => nameOf(token)?.toLowerCase() ?? ''));
        return tokens.flatMap((token, at) => {
            const read = wordOf(token) === JSON_TEXT ? readAt(tokens.slice(at + 1, at + 8)) : undefined;
            return read === undefined ? [] : [{ names, ...read }];
        });
    });
}

/** `(column, 'path')` or `(table.column, 'path')`. */
function readAt(tokens: readonly SqlToken[]): Pick<JsonRead, 'column' | 'path'> | undefined {
    const [open, ...inside] = tokens;
    const [column, comma, path, close] = inside[1]?.text === '.' ? inside.slice(2) : inside;
    const name = nameOf(column);
    const isCall = open?.text === '(' && comma?.text === ',' && path?.kind === 'string' && close?.text === ')';
    return isCall && name !== undefined
        ? { column: name.toLowerCase(), path: path.text.slice(1, -1).replaceAll("''", "'") }
        : undefined;
}

function nameOf(token: SqlToken | undefined): string | undefined {
    if (token?.kind === 'word') {
        return token.text;
    }
    return token?.kind === 'identifier' ? token.text.slice(1, -1).replaceAll('""', '"') : undefined;
}
