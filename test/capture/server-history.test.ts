import { describe, expect, it } from 'vitest';
import { refuseOtherHistory, type ServerHistory, switchesOf } from '../../src/capture/postgres/server-history.ts';
import type { EltError } from '../../src/core/errors.ts';

const HELD = { systemId: '7', databaseOid: '5', timeline: 1, lsn: '0/3000100' };
const FOUND: ServerHistory = {
    systemId: '7',
    databaseOid: '5',
    timeline: 1,
    switches: [],
    logEnd: '0/3000100',
    isInRecovery: false,
};
const LEFT_AT = (lsn: string) => ({ timeline: 2, switches: [{ timeline: 1, lsn }], logEnd: 'FF/0' });

const CASES: readonly [name: string, found: Partial<ServerHistory>, held: Partial<typeof HELD>, code: string | null][] =
    [
        ['the same, not a byte further', {}, {}, null],
        ['the same, further', { logEnd: '1/0' }, {}, null],
        ['a log that ends a byte earlier', { logEnd: '0/30000FF' }, {}, 'SOURCE_DIVERGED'],
        ['a standby that has yet to receive it', { logEnd: '0/30000FF', isInRecovery: true }, {}, null],
        ['another system', { systemId: '8' }, {}, 'SOURCE_DIFFERENT'],
        ['another database of the same system', { databaseOid: '6' }, {}, 'SOURCE_DIFFERENT'],
        ['a timeline that begins where the position is', LEFT_AT('0/3000100'), {}, null],
        ['a timeline that begins after it', LEFT_AT('0/3000101'), {}, null],
        ['a timeline that begins before it', LEFT_AT('0/30000FF'), {}, 'SOURCE_DIVERGED'],
        ['places are numbers and not texts', LEFT_AT('A/0'), { lsn: '10/0' }, 'SOURCE_DIVERGED'],
        ['the old primary', {}, { timeline: 2 }, 'SOURCE_DIVERGED'],
        ['a sibling of the timeline', { ...LEFT_AT('1/0'), timeline: 3 }, { timeline: 2 }, 'SOURCE_DIVERGED'],
        ['a history that is gone', { timeline: 2, switches: null }, {}, 'SOURCE_DIVERGED'],
        [
            'two takeovers, the second of which is of no matter',
            {
                timeline: 3,
                switches: [
                    { timeline: 1, lsn: '0/3000000' },
                    { timeline: 2, lsn: '0/9000000' },
                ],
            },
            {},
            'SOURCE_DIVERGED',
        ],
    ];

describe('refuseOtherHistory', () => {
    it.each(CASES)('%s', (_, found, held, code) => {
        expect(codeOf(() => refuseOtherHistory({ ...HELD, ...held }, { ...FOUND, ...found }))).toBe(code);
    });

    it('reads the server’s file of a history', () => {
        const text =
            '1\t0/30000D8\tno recovery target specified\n\n2\t16/B374D848\tbefore 2024-01-01 00:00:00.000000+00\n';
        expect(switchesOf(text)).toEqual([
            { timeline: 1, lsn: '0/30000D8' },
            { timeline: 2, lsn: '16/B374D848' },
        ]);
    });
});

function codeOf(run: () => void): string | null {
    try {
        run();
        return null;
    } catch (error) {
        return (error as EltError).code;
    }
}
