import { EltError } from '../core/errors.ts';

/** What targets of every kind can be wrong in. The way out is the same for all. */

const NOTHING = 'nothing was changed at the target; the database is as it was';

/** A target with rows that this database has not pushed. */
export function refuseForeign(target: string, mart: string, found: string | undefined): EltError {
    return new EltError({
        code: 'TARGET_FOREIGN',
        message: `the target of "${mart}" holds what this database has not pushed`,
        where: target,
        found: found ?? 'another database has filled it',
        state: NOTHING,
        next: `name another target, or replace what it holds: elt push ${mart} --to … --full`,
    });
}

/** A target whose columns are not those of the mart, otherwise than by columns that it lacks. */
export function refuseDifferent(target: string, mart: string, differs: readonly string[]): EltError {
    return new EltError({
        code: 'TARGET_DIFFERS',
        message: `the target of "${mart}" does not have the mart's columns, and cannot be altered without loss`,
        where: target,
        found: differs.join('\n'),
        state: NOTHING,
        next: `fill it anew while readers use the old one: elt push ${mart} --to … --full`,
    });
}

/** A target that has taken in a push which this database does not know. */
export function refuseAhead(target: string, mart: string, held: number | null): EltError {
    return new EltError({
        code: 'TARGET_AHEAD',
        message: `the target of "${mart}" has taken in changes that this database does not know`,
        where: target,
        found: `${held === null ? 'rows of a later state, from a push' : `a push up to change ${held}`} that is not recorded here: a backup was restored, or a copy has pushed`,
        state: NOTHING,
        next: `make the target equal to this database: elt push ${mart} --to … --full`,
    });
}

/** A target that cannot be compared, because a push would have to create or alter it. */
export function refuseMissing(target: string, mart: string): EltError {
    return new EltError({
        code: 'PUSH_DIFFERENT',
        message: `the target of "${mart}" is not there, or lacks a column`,
        where: target,
        state: NOTHING,
        next: `push it: elt push ${mart}`,
    });
}

/** A target that does not hold what the mart holds. */
export function refuseUnequal(target: string, mart: string, found: string): EltError {
    return new EltError({
        code: 'PUSH_DIFFERENT',
        message: `"${mart}" and its target do not hold the same rows`,
        where: target,
        found,
        state: NOTHING,
        next: `make them equal: elt push ${mart} --to … --full`,
    });
}
