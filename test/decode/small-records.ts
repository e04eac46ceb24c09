/** A format-1 insert of one column. */
export const insert = (value: string, type: string | null = 'text'): string =>
    `{"kind":"insert","schema":"public","table":"t","columnnames":["v"],${type === null ? '' : `"columntypes":[${JSON.stringify(type)}],`}"columnvalues":[${value}]}`;
export const record = (...changes: string[]): string => `{"change":[${changes.join(',')}]}\n`;

/** The same as a record of format 2. */
export const insert2 = (value: string, type: string | null = 'text'): string =>
    `{"action":"I","schema":"public","table":"t","columns":[{"name":"v",${type === null ? '' : `"type":${JSON.stringify(type)},`}"value":${value}}]}\n`;
