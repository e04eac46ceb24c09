/**
 * `public.transaction`; parts that are not plain names are quoted as PostgreSQL quotes them, those with control
 * characters with its `U&"…"` escapes, because an entry of a head is one line.
 */
export function relationText(schema: string, table: string): string {
    return `${relationPart(schema)}.${relationPart(table)}`;
}

/** Reads what `relationText` wrote; undefined for any other text. */
export function parseRelation(text: string): NamedTable | undefined {
    const parts = parseNames(text, '.');
    const [schema, table] = parts ?? [];
    return parts?.length === 2 && schema !== undefined && table !== undefined ? { schema, table } : undefined;
}

export interface NamedTable {
    readonly schema: string;
    readonly table: string;
}

/**
 * The table that a word of the command line names: `orders` (of the schema public), `sales.orders`, or with quotes as
 * the commands print it, `"Sales"."my orders"`. A name with other characters may also stand as it is.
 */
export function namedTable(word: string): NamedTable {
    if (word.includes('"')) {
        const quoted = parseRelation(word) ?? parseRelation(`public.${word}`);
        if (quoted !== undefined) {
            return quoted;
        }
    }
    const dot = word.indexOf('.');
    return dot < 0 ? { schema: 'public', table: word } : { schema: word.slice(0, dot), table: word.slice(dot + 1) };
}

/** `a, "odd, name"`: column names as the head of a file lists them. */
export function namesText(names: readonly string[]): string {
    return names.map(relationPart).join(', ');
}

/** Reads a list of names with their quotes; undefined if a quote is not closed or a name is missing. */
export function parseNames(text: string, separator: '.' | ','): string[] | undefined {
    const names: string[] = [];
    const pattern = /\s*(?:(U&)?"((?:[^"]|"")*)"|([^\s".,]+))\s*/y;
    while (true) {
        const match = pattern.exec(text);
        if (match === null) {
            return undefined;
        }
        const [, escaped, quoted, plain = ''] = match;
        names.push(quoted === undefined ? plain : unquoted(quoted, escaped !== undefined));
        if (pattern.lastIndex >= text.length) {
            return names;
        }
        if (text[pattern.lastIndex] !== separator) {
            return undefined;
        }
        pattern.lastIndex++;
    }
}

function unquoted(quoted: string, isEscaped: boolean): string {
    const name = quoted.replaceAll('""', '"');
    return isEscaped
        ? name.replace(/\\(\\|[0-9a-f]{4})/g, (_, code: string) =>
              code === '\\' ? code : String.fromCharCode(Number.parseInt(code, 16)),
          )
        : name;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

function relationPart(name: string): string {
    if (/^[a-z_][a-z0-9_]*$/.test(name)) {
        return name;
    }
    const quoted = name.replaceAll('"', '""');
    if (!CONTROLS.test(name)) {
        return `"${quoted}"`;
    }
    return `U&"${inOneLine(quoted.replaceAll('\\', '\\\\'))}"`;
}

/** In one line: control characters as PostgreSQL's `\000a`. */
export function inOneLine(text: string): string {
    return text.replace(new RegExp(CONTROLS, 'g'), (character) => {
        return `\\${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
}
