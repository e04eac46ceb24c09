import type { Change, ShopRows } from './shop-rows.ts';

/** A SELECT over the shop, with the columns that are its key. */
export interface KeptView {
    readonly name: string;
    readonly key: string;
    readonly select: string;
}

/** Seconds of one transaction with the same changes. */
export interface Taken {
    /** Into tables that no view reads. */
    readonly bare: number;
    /** With everything that keeps the view up to date. */
    readonly kept: number;
}

/** One that keeps a view up to date while its tables are written. It has two databases of its own: one has no view. */
export interface ViewKeeper {
    readonly name: string;
    /** The rows of the shop; then the view over them, whose seconds are the result. */
    begin(shop: ShopRows, view: KeptView): Promise<number>;
    take(changes: readonly Change[]): Promise<Taken>;
    /** Of the view as it is kept. */
    rows(): Promise<readonly (readonly unknown[])[]>;
    end(): Promise<void>;
}
