/** The one function of a mart that SQLite does not have: `elt scaffold` writes it out. */
export const JSON_TEXT = 'json_text';

/**
 * What `json_text(document, path)` of a mart stands for: PostgreSQL's `->>` for texts, numbers, booleans and null; a text
 * that is no JSON has no values. Both are SQL. `indent`: that of the line on which it begins.
 */
export function jsonTextSql(document: string, path: string, indent = ''): string {
    const type = `iif(json_valid(${document}), json_type(${document}, ${path}), 'null')`;
    return [
        `case ${type}`,
        `    when 'text' then ${document} ->> ${path}`,
        "    when 'null' then null",
        `    else ${document} -> ${path}`,
        'end',
    ].join(`\n${indent}`);
}
