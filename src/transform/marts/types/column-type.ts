/** The type of a column of a STRICT table; `any` keeps whatever comes as it is. */
export type ColumnType = 'integer' | 'real' | 'text' | 'blob' | 'any';

/** `null`: null in every row, which fits every type. */
export type KnownType = ColumnType | 'null';

/** The type of what is sometimes one thing and sometimes another. */
export function commonType(types: readonly KnownType[]): KnownType {
    const others = new Set(types.filter((type) => type !== 'null'));
    const [only] = others;
    return only === undefined ? 'null' : others.size === 1 ? only : 'any';
}

/** The type that a declaration says; of a table that is not STRICT nothing is sure. */
export function declaredType(type: string, isStrict: boolean): ColumnType {
    const word = type.toLowerCase() === 'int' ? 'integer' : type.toLowerCase();
    return isStrict && isColumnType(word) ? word : 'any';
}

export function isColumnType(word: string): word is ColumnType {
    return ['integer', 'real', 'text', 'blob', 'any'].includes(word);
}
