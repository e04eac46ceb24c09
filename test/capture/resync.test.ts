import { expect, it } from 'vitest';
import { nextBeginning } from '../../src/capture/frame/resync.ts';

/** Where a damaged source makes sense again. */

it.each(['"', '}'])(
    'a brace at the end of the source begins nothing, whatever the buffer holds behind it: %s',
    (stale) => {
        const bytes = Buffer.from(`x[{${stale}`);
        const rules = { lines: false, loose: true, changesAfter: -1, ended: true };
        expect(nextBeginning(bytes, 1, 3, rules)).toEqual({ kind: 'more', at: 3 });
        expect(nextBeginning(bytes, 1, 4, rules)).toEqual({ kind: 'record', at: 2 });
    },
);
