import type { MartHow } from './mart-upkeep.ts';

/** What costs more than what has changed, and what SQLite may answer in several ways. */
export interface MartFinding {
    /** The mart's file. */
    readonly subject: string;
    readonly finding: string;
    readonly fix: string;
    /** The line of how the mart is kept up to date says it already. */
    readonly isInHow: boolean;
}

const EQUAL_COLUMNS =
    'write it so that equal columns lead from that table to the key; or leave it, where the mart is small or the table rarely changes';

export function martFindings(file: string, how: MartHow): readonly MartFinding[] {
    const finding = (text: string, fix: string, isInHow = false): MartFinding => ({
        subject: file,
        finding: text,
        fix,
        isInHow,
    });
    return [
        ...how.inFull.map((reason) => finding(`all rows are compared ${reason}`, EQUAL_COLUMNS, true)),
        ...how.wide.map((reason) =>
            finding(
                `computed in full although few keys are asked for: ${reason}`,
                'two marts are cheaper: one that a run can ask for few keys, and one that reads it',
                true,
            ),
        ),
        ...how.scanned.map((table) =>
            finding(
                `a run reads every row of ${table}, whatever has changed`,
                'see "elt scaffold NAME --explain": a condition by equal columns, or an index, finds the rows',
            ),
        ),
        ...how.undetermined.map((text) => finding(text, 'or leave it: "elt test" may then find rows without a fault')),
    ];
}
