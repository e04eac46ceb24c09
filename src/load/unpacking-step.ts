import { EltError } from '../core/errors.ts';
import type { DeclaredSource } from '../project/declared-source.ts';

/** How the next step of a source ends that another program must unpack or recode: `run: bzip2 -dc a.csv.bz2 | elt load -`. */
const PIPED = / \| elt load -$/;

/** Standard input has no name that a pattern could match: for rows, the next step names their table. */
export function withPipedTable(error: unknown, { schema, table }: Pick<DeclaredSource, 'schema' | 'table'>): unknown {
    if (!(error instanceof EltError) || !PIPED.test(error.facts.next ?? '')) {
        return error;
    }
    const named = schema === 'public' ? table : `${schema}.${table}`;
    return error.withNew({ next: error.facts.next?.replace(PIPED, ` | elt load --table ${named} -`) });
}
