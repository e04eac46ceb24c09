import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest files, the longest first: one that begins last would run alone at the end. */
const FIRST = [
    'promises/09-crash.test.ts',
    'oracle/oracle.test.ts',
    'faults/failing-disk.test.ts',
    'faults/others-at-work.test.ts',
    'faults/input.test.ts',
    'docs/commands.test.ts',
    'serve/dashboard/page.test.ts',
    'serve/dashboard/page-figures.test.ts',
    'load/declared/crash.test.ts',
    'promises/04-incremental-equals-rebuild.test.ts',
    'faults/time-limit.test.ts',
    'faults/large-inputs.test.ts',
    'faults/changing-source.test.ts',
    'faults/damaged-source.test.ts',
    'pipelines/game/properties.test.ts',
];

class LongestFirst extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
        const place = ({ moduleId }: TestSpecification): number => {
            const index = FIRST.findIndex((name) => moduleId.endsWith(`/test/${name}`));
            return index === -1 ? FIRST.length : index;
        };
        return (await super.sort(files)).toSorted((left, right) => place(left) - place(right));
    }
}

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
    test: {
        root: new URL('..', import.meta.url).pathname,
        include: ['test/**/*.test.ts'],
        globalSetup: ['test/support/shared-servers.ts'],
        testTimeout: 60_000,
        hookTimeout: 120_000,
        // better-sqlite3 is a native module: one process a file keeps a crash in its own file.
        pool: 'forks',
        // Most tests wait for an `elt` that they have started: with vitest's own choice, cores less one, a core idles.
        maxWorkers: availableParallelism(),
        sequence: { sequencer: LongestFirst },
    },
});
