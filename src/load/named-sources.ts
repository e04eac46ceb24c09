import { expandSources } from '../capture/source/expand-sources.ts';
import type { Source } from '../capture/source/source.ts';
import { EltError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import { type DeclaredSource, plainBaseName } from '../project/declared-source.ts';
import { matchDeclaredSource } from '../project/match-declared-source.ts';

/** At most this many skipped files are named. */
const NAMED_MAX = 5;

/** A source that a person named, with the declaration of its rows; undefined: a change stream. */
interface NamedSource {
    readonly source: Source;
    readonly rows: DeclaredSource | undefined;
}

/** How all sources are read, regardless of their names: as rows of one table, or as change streams. */
interface NamedBy {
    readonly table?: string | undefined;
    readonly isStream?: boolean;
}

/**
 * The sources that a command line names. Where the pipeline declares sources, each file must belong to one of them, to
 * `--table`, or with `--stream` to the change stream: otherwise each line of a misnamed file would become a reject.
 * Files in a folder that belong to none are skipped with a note.
 * @throws EltError COMMAND_WRONG before anything has landed.
 */
export async function namedSources(
    words: readonly string[],
    declared: readonly DeclaredSource[],
    { table, isStream }: NamedBy,
    note: (text: string) => void,
): Promise<readonly NamedSource[]> {
    const sources = await expandSources(words);
    const named = sources.map((source) => ({ source, rows: matchDeclaredSource(declared, source.name, table) }));
    if (declared.length === 0 || isStream === true) {
        return named;
    }
    const strangers = named.filter(({ rows }) => rows === undefined).map(({ source }) => source.name);
    const stranger = strangers.find((name) => words.includes(name)) ?? strangers[0];
    if (stranger !== undefined && (words.includes(stranger) || strangers.length === named.length)) {
        throw matchesNone(stranger, declared);
    }
    if (strangers.length > 0) {
        const more = strangers.length > NAMED_MAX ? ` and ${strangers.length - NAMED_MAX} more` : '';
        const names = strangers.slice(0, NAMED_MAX).join(', ');
        note(`skipped, because no pattern of the pipeline's sources matches: ${names}${more}`);
    }
    return named.filter(({ rows }) => rows !== undefined);
}

function matchesNone(name: string, declared: readonly DeclaredSource[]): EltError {
    const patterns = declared.flatMap(({ files }) => files);
    const nearest = nearestName(plainBaseName(name), patterns);
    return new EltError({
        code: 'COMMAND_WRONG',
        message: `"${name}" matches no pattern of the pipeline's sources`,
        found: `${plainBaseName(name)}; expected ${nearest === undefined ? patterns.join(', ') : `for example ${nearest}`}`,
        state: 'nothing was landed',
        next: 'rename it, add its pattern in sql/<pipeline>/sources/, name its table with --table, or add --stream if it is a change stream',
    });
}
