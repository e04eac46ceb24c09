// Runs after the compiler: brings what it does not compile, makes the bin executable, notes what it was built from.
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceHash } from './build-stamp.mjs';

const browser = join('dist', 'browser');

for (const file of ['page.css', 'icon.svg']) {
    copyFileSync(join('src', 'serve', 'browser', file), join(browser, file));
}
copyChartLibrary();
chmodSync(join('dist', 'cli.js'), 0o755);
writeFileSync(join('dist', '.built'), sourceHash());

/** The one file of ECharts that is served, out of the 62 MB of its package, with the licences of what it holds. */
function copyChartLibrary() {
    const echarts = join('node_modules', 'echarts');
    copyFileSync(join(echarts, 'dist', 'echarts.common.min.js'), join(browser, 'echarts.js'));
    const licences = [
        ['Apache ECharts: NOTICE', join(echarts, 'NOTICE')],
        ['Apache ECharts: LICENSE', join(echarts, 'LICENSE')],
        ['Apache ECharts: licenses/LICENSE-d3', join(echarts, 'licenses', 'LICENSE-d3')],
        ['ZRender: LICENSE', join('node_modules', 'zrender', 'LICENSE')],
    ];
    const text = licences.map(([title, file]) => `${title}\n\n${readFileSync(file, 'utf8').trim()}\n`);
    writeFileSync(join(browser, 'echarts.LICENSE'), text.join(`\n${'-'.repeat(72)}\n\n`));
}
