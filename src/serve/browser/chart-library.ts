import type * as Library from './echarts-parts.ts';

let loading: Promise<typeof Library> | undefined;

/** The chart library, loaded when the first chart is drawn: headings, numbers and tables do not wait for it. */
export function chartLibrary(): Promise<typeof Library> {
    loading ??= import(document.documentElement.dataset.charts ?? '').catch((error: unknown) => {
        loading = undefined;
        throw new Error('the chart library could not be loaded', { cause: error });
    });
    return loading;
}
