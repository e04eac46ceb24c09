import { EltError } from '../../core/errors.ts';
import type { SqlNode } from '../../sql/grammar/sql-nodes.ts';
import type { Engine } from '../dialects/dialect.ts';

/** A construct outside the subset that gives the same values on every engine, with its place in the SELECT. */
export class NotTranslated extends Error {
    readonly what: string;
    readonly offset: number;
    readonly instead: string | undefined;

    constructor(what: string, node: SqlNode, instead?: string) {
        super(what);
        this.what = what;
        this.offset = node.span.offset;
        this.instead = instead;
    }
}

/** The SELECT that could not be translated. */
export interface Untranslated {
    readonly engine: Engine;
    /** The file with the SELECT, as it is shown, and its text. */
    readonly file: string;
    readonly text: string;
    /** Where the SELECT begins in that text. */
    readonly offset: number;
    /** The file to write instead. */
    readonly wanted: string;
}

export function untranslatedError({ what, offset, instead }: NotTranslated, from: Untranslated): EltError {
    const line = from.text.slice(0, from.offset + offset).split('\n').length;
    return new EltError({
        code: 'ENGINE_SQL',
        message: `"${from.file}" cannot be translated for ${from.engine}: ${what}`,
        where: `${from.file}:${line}`,
        state: 'nothing was printed or run',
        next: `${instead === undefined ? '' : `${instead}, or `}write the SELECT for ${from.engine} as ${from.wanted}`,
    });
}
