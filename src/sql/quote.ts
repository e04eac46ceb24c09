/**
 * All quoting in generated SQL.
 * Names come from other people's databases: every name and text that goes into SQL is quoted here.
 */

const PLAIN_NAME = /^[a-z_][a-z0-9_]*$/;

/** Words that SQLite reads as keywords where a name is expected; such names are quoted. */
const KEYWORDS = new Set(
    `abort action add after all alter always analyze and as asc attach autoincrement before begin between by cascade
    case cast check collate column commit conflict constraint create cross current current_date current_time
    current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end escape
    except exclude exclusive exists explain fail filter first following for foreign from full generated glob group
    groups having if ignore immediate in index indexed initially inner insert instead intersect into is isnull join
    key last left like limit match materialized natural no not nothing notnull null nulls of offset on or order others
    outer over partition plan pragma preceding primary query raise range recursive references regexp reindex release
    rename replace restrict returning right rollback row rows savepoint select set table temp temporary then ties to
    transaction trigger unbounded union unique update using vacuum values view virtual when where window with
    without rowid strict true false`.split(/\s+/),
);

/** Keywords that SQLite accepts as a name without quotes, and that are common names of tables and columns. */
const ALLOWED_BARE = new Set(['key', 'action', 'plan', 'row', 'rows', 'first', 'last', 'no', 'query', 'match', 'end']);

/** An identifier for SQLite: unquoted if that is safe, else in double quotes. */
export function quoteName(name: string): string {
    if (PLAIN_NAME.test(name) && (!KEYWORDS.has(name) || (ALLOWED_BARE.has(name) && name !== 'end'))) {
        return name;
    }
    return `"${name.replaceAll('"', '""')}"`;
}

/** A string literal for SQLite. */
export function quoteText(text: string): string {
    return `'${text.replaceAll("'", "''")}'`;
}

/**
 * A column name as it is written in `_absent` (`,a,b,`) and as a key of `_old_key`: characters that end a name there, or
 * that a JSON path of SQLite cannot contain, are percent-encoded.
 */
export function encodeLabel(name: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is encoded
    return name.replace(/[%,"\\'\u0000-\u001f]/g, (character) => {
        return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
    });
}

/** The path of a column in `_old_key`, as a SQL string literal: `'$.name'`, or `'$."odd name"'`. */
export function labelPath(name: string): string {
    const label = encodeLabel(name);
    return quoteText(PLAIN_NAME.test(label) ? `$.${label}` : `$."${label}"`);
}

/** Characters of a line of generated SQL, as far as its words allow. */
export const WIDTH_MAX = 108;

/**
 * A comma-separated list, wrapped into lines of at most `widthMax` characters, each indented by `indent`.
 * For the long positional lists of generated SQL; a table's columns are written one a line.
 */
export function wrapList(items: readonly string[], indent: string, widthMax = WIDTH_MAX): string {
    const lines: string[] = [];
    let line = '';
    for (const [index, item] of items.entries()) {
        const text = index + 1 < items.length ? `${item},` : item;
        if (line !== '' && indent.length + line.length + 1 + text.length > widthMax) {
            lines.push(indent + line);
            line = text;
        } else {
            line = line === '' ? text : `${line} ${text}`;
        }
    }
    lines.push(indent + line);
    return lines.join('\n');
}
