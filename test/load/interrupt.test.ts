import { expect, onTestFinished, test } from 'vitest';
import type { Source } from '../../src/capture/source/source.ts';
import { listenForInterrupt } from '../../src/process/interrupt.ts';
import { close, load, migratedDatabase } from '../support/bench-database.ts';

/**
 * A signal is heard while the source is far ahead of the landing: these chunks lie in memory, so nothing of the loop
 * over them ever waits for the event loop. Counted in chunks, not in seconds.
 */

const CHUNK_BYTES = 256 * 1024;
const CHUNKS = 1_000;
const SIGNAL_AT = 20;
/** Far from the end, and more than what is read within a few tens of milliseconds on a fast machine. */
const CHUNKS_AFTER_SIGNAL_MAX = 500;

const columns = `"columnnames":["id","note"],"columntypes":["integer","text"]`;
const change = (id: number): string =>
    `{"kind":"insert","schema":"public","table":"t",${columns},"columnvalues":[${id},"${'x'.repeat(40)}"]}`;
const row2 = (id: number): string =>
    `{"action":"I","schema":"public","table":"t","columns":[{"name":"id","type":"integer","value":${id}}]}\n`;

/** One chunk of whole items, the same bytes each time but for what `first` puts before the first one. */
function chunk(item: (id: number) => string, separator: string): Buffer {
    const items: string[] = [];
    for (let bytes = 0, id = 1; bytes < CHUNK_BYTES; id++) {
        items.push(item(id));
        bytes += item(id).length;
    }
    return Buffer.from(items.join(separator) + separator);
}

/** Sends this process a signal before chunk `SIGNAL_AT`; counts the chunks that are taken. */
function signallingSource(head: string, body: Buffer, seekable: boolean): { source: Source; taken: () => number } {
    let taken = 0;
    const source: Source = {
        name: 'memory',
        path: null,
        seekable,
        sizeBytes: null,
        open: () => ({
            bytesRead: 0,
            async *[Symbol.asyncIterator]() {
                yield Buffer.from(head);
                for (; taken < CHUNKS; taken++) {
                    if (taken === SIGNAL_AT) {
                        process.kill(process.pid, 'SIGTERM');
                    }
                    yield body;
                }
            },
        }),
    };
    return { source, taken: () => taken };
}

test.each([
    ['many transactions', '', chunk((id) => `{"change":[${change(id)}]}\n`, '')],
    ['one huge transaction of format 1', '{"change":[', chunk(change, ',')],
    ['one huge transaction of format 2', '{"action":"B","xid":1}\n', chunk(row2, '')],
])('%s, and the source is far ahead', async (_, head, body) => {
    const database = await migratedDatabase('none');
    onTestFinished(() => close(database));
    const interrupt = listenForInterrupt();
    onTestFinished(() => interrupt.dispose());
    const { source, taken } = signallingSource(head, body, false);
    await expect(load(database, source, { interrupt })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(taken()).toBeGreaterThanOrEqual(SIGNAL_AT);
    expect(taken() - SIGNAL_AT).toBeLessThan(CHUNKS_AFTER_SIGNAL_MAX);
});

test('a long source is compared with the ledger', async () => {
    const database = await migratedDatabase('none');
    onTestFinished(() => close(database));
    // Blank lines are landed fast, and hashed like all else.
    const [head, body] = [`{"change":[${change(1)}]}\n`, Buffer.alloc(CHUNK_BYTES, '\n')];
    const whole = signallingSource(head, body, true);
    // Lands it whole first: nobody listens for this signal but the handler here.
    const heard = (): void => undefined;
    process.on('SIGTERM', heard);
    await load(database, whole.source, {});
    process.off('SIGTERM', heard);
    const interrupt = listenForInterrupt();
    onTestFinished(() => interrupt.dispose());
    const again = signallingSource(head, body, true);
    await expect(load(database, again.source, { interrupt })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(again.taken() - SIGNAL_AT).toBeLessThan(CHUNKS_AFTER_SIGNAL_MAX);
});
