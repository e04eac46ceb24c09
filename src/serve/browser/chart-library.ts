import type * as Echarts from 'echarts';

type Library = typeof Echarts;

let loading: Promise<Library> | undefined;

/** Loads the chart library when the first chart is drawn: headings, numbers and tables do not wait for it. */
export function chartLibrary(): Promise<Library> {
    loading ??= new Promise((resolve, reject) => {
        const script = document.createElement('script');
        script.src = '/assets/echarts.js';
        script.addEventListener('load', () => {
            resolve((globalThis as unknown as { readonly echarts: Library }).echarts);
        });
        script.addEventListener('error', () => reject(new Error('the chart library could not be loaded')));
        document.head.append(script);
    });
    return loading;
}
