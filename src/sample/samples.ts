import { sampleExchangeRates, sampleGame } from './game.ts';
import { type SampleOptions, samplePayments } from './payments/payments.ts';

/** A sample that `elt sample NAME` can write. */
interface Sample {
    /** One line for `--help`. */
    readonly summary: string;
    /** The text in chunks of about 64 KiB; bad options throw EltError COMMAND_WRONG. */
    readonly generate: (options: SampleOptions) => Iterable<string>;
}

/** By name, as on the command line. */
export const SAMPLES: Readonly<Record<'payments' | 'game' | 'exchange_rates', Sample>> = {
    payments: {
        summary: 'payment events, transactions, requests and tokens as wal2json writes them',
        generate: samplePayments,
    },
    game: {
        summary: 'events of a game with their dirt, one JSON object a line',
        generate: sampleGame,
    },
    exchange_rates: {
        summary: "the rates that go with the game's events",
        generate: sampleExchangeRates,
    },
};
