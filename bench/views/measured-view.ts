import { median } from '../statistics.ts';
import { verdictOf } from './compare-rows.ts';
import type { Change, ShopRows } from './shop-rows.ts';
import { TursoFailed } from './turso-process.ts';
import type { KeptView, Taken, ViewKeeper } from './view-keeper.ts';

/** A keeper with what was measured of it. Where Turso fails, its words are the result, and it is asked nothing more. */
export class MeasuredView {
    readonly #keeper: ViewKeeper;
    readonly #taken: Taken[] = [];
    #firstFill = Number.NaN;
    #failure: string | null = null;

    constructor(keeper: ViewKeeper) {
        this.#keeper = keeper;
    }

    async begin(shop: ShopRows, view: KeptView): Promise<void> {
        await this.#unlessFailed('the first fill', async () => {
            this.#firstFill = await this.#keeper.begin(shop, view);
        });
    }

    async take(changes: readonly Change[]): Promise<void> {
        await this.#unlessFailed(`batch ${this.#taken.length + 1}`, async () => {
            this.#taken.push(await this.#keeper.take(changes));
        });
    }

    /** Who, the seconds of the first fill, the usual milliseconds of a batch, and what the view came to. */
    async cells(expected: readonly (readonly unknown[])[]): Promise<readonly string[]> {
        let result = '';
        await this.#unlessFailed('reading', async () => {
            result = verdictOf(await this.#keeper.rows(), expected);
        });
        const ms = (of: (taken: Taken) => number): string => {
            const middle = median(this.#taken.map(of)) * 1_000;
            return Number.isNaN(middle) ? '' : middle.toFixed(1);
        };
        return [
            this.#keeper.name,
            Number.isNaN(this.#firstFill) ? '' : this.#firstFill.toFixed(2),
            ms(({ bare }) => bare),
            ms(({ kept }) => kept),
            ms(({ bare, kept }) => kept - bare),
            this.#failure ?? result,
        ];
    }

    async end(): Promise<void> {
        await this.#keeper.end();
    }

    async #unlessFailed(step: string, work: () => Promise<void>): Promise<void> {
        if (this.#failure !== null) {
            return;
        }
        try {
            await work();
        } catch (error) {
            if (!(error instanceof TursoFailed)) {
                throw error;
            }
            this.#failure = `stops at ${step}: ${error.message}`;
        }
    }
}
