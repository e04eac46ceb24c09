import { type SampleOptions, samplePayments } from './payments.ts';

/** A sample that `elt sample NAME` can write. */
export interface Sample {
    /** One line for `--help`. */
    readonly summary: string;
    /** The text in chunks of about 64 KiB; bad options throw EltError COMMAND_WRONG. */
    readonly generate: (options: SampleOptions) => Iterable<string>;
}

/** By name, as on the command line. */
export const SAMPLES: Readonly<Record<'payments', Sample>> = {
    payments: {
        summary: 'payment events, transactions, requests and tokens as wal2json writes them',
        generate: samplePayments,
    },
};
